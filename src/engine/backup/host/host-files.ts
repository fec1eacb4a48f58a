import type { FileProtection } from '../../api/host.ts';
import type { SharedDisks } from './shared-disks.ts';
import type { FileWriting } from '../../source/files/file-writing.ts';
import type { FileAccess } from '../../source/files/file-access.ts';

/** Files of a host, as they are reached from here. */
export interface HostFiles {
  readonly access: FileAccess;
  /**
   * Returns the path of `access` for a path of the host. Throws `path.*` or `smb.*` if it cannot have
   * one.
   */
  pathOf(hostPath: string, signal: AbortSignal): Promise<string>;
  /**
   * Whether the mapped folder or the share that would contain a path is there. A file that is missing
   * in one that is not mounted proves nothing about the host.
   */
  reaches(hostPath: string, signal: AbortSignal): Promise<boolean>;
  /**
   * Whether parents are found by the names in their children. Otherwise the host names them, and no
   * path inside an image selects a file.
   */
  readonly followsNames: boolean;
}

/** Files of a host over the network, with sessions at its file servers. */
export interface RemoteFiles extends HostFiles {
  /** A login at a server has succeeded. */
  readonly contacted: boolean;
  /** Servers whose messages are only signed, although encryption was wanted. */
  readonly unencrypted: readonly string[];
  /** Servers with a session, and how their messages are protected. */
  readonly protection: readonly FileProtection[];
  /** Logs in at a server, so that it closes what an earlier run left open there. */
  endEarlier(server: string, signal: AbortSignal): Promise<void>;
  /** Makes files and folders there. */
  readonly writing: FileWriting;
  /** The shared disks of the host's file servers, in the same sessions. */
  readonly shared: SharedDisks;
  /**
   * Closes every file and ends the sessions. A later use begins new ones. Returns the servers that did
   * not answer, and may keep files open.
   */
  close(): Promise<readonly string[]>;
}

/** Keeps the sessions at file servers, so that a later run can end them. */
export interface RemoteSessions {
  /** Session that an earlier run left at a server; undefined if none is known. */
  previous(server: string): string | undefined;
  /** Called before anything is opened in a new session. */
  opened(server: string, session: string): Promise<void>;
}
