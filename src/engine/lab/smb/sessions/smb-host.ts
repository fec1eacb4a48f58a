import type { Guid } from '../../../base/guid.ts';
import type { Log } from '../../../base/log.ts';
import type { AcceptorContext } from '../../../net/auth/contract/security-context.ts';
import type { FileShares } from '../../files/file-shares.ts';
import type { RealPath } from '../shares/locate.ts';
import type { SharedDiskServer } from '../contract/shared-disk.ts';
import type { Share } from '../shares/share.ts';

/** Rules by which the server negotiates. */
export interface SmbSettings {
  readonly dialects: readonly number[];
  readonly ciphers: readonly number[];
  readonly signings: readonly number[];
  /** Maximum credits of a connection. */
  readonly credits: number;
  /** Maximum bytes of a read, a write and a query. */
  readonly maxBytes: number;
  /** Every session has to be encrypted. */
  readonly encryptSessions: boolean;
}

/** Damage to an answer. */
export type AnswerFault = 'altered' | 'plain';

/** Switches of the lab that change what the server does. */
export interface SmbFaults {
  /** Counts a request; whether its connection is closed before it is carried out. */
  dropsBefore(): boolean;
  /** Whether the connection is closed after a request was carried out, before its answer. */
  dropsAfter(): boolean;
  /** Milliseconds for which an answer is pending; undefined: none. */
  pendingFor(): number | undefined;
  /** Most credits that a client has; undefined: those of the settings. */
  credits(): number | undefined;
  /** Free bytes of every volume; undefined: what they have. */
  space(): number | undefined;
  /** Whether the session of the request expires now. */
  expires(): boolean;
  answer(): AnswerFault | undefined;
  /** Whether the login is answered with a guest session. */
  guest(): boolean;
}

/** Part of the lab that its file server needs. */
export interface SmbHost {
  readonly machineName: string;
  readonly serverGuid: Guid;
  readonly settings: SmbSettings;
  readonly faults: SmbFaults;
  readonly log: Log;
  shares(): readonly Share[];
  readonly fileShares: FileShares;
  readonly realPath: RealPath;
  readonly sharedDisks: SharedDiskServer;
  /** Mechanisms that are offered, in dotted form. */
  mechanisms(): readonly string[];
  acceptor(): AcceptorContext;
  /** Status that refuses a user who proved the password; undefined: none. */
  refuses(context: AcceptorContext): number | undefined;
}
