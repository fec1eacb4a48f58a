import fs from 'node:fs/promises';
import { newGuid } from '../../base/guid.ts';
import type { Log } from '../../base/log.ts';
import { OID } from '../../net/auth/contract/mechanism-oids.ts';
import { DIALECT } from '../../net/smb/codec/protocol/constants.ts';
import { CIPHER, SIGNING } from '../../net/smb/codec/session/negotiate-contexts.ts';
import { STATUS } from '../../net/smb/status/nt-status.ts';
import { HOST_ROOT } from '../files/host-paths.ts';
import type { Lab } from '../model/lab.ts';
import type { SmbFaults, SmbHost, SmbSettings } from '../smb/sessions/smb-host.ts';
import { FIRST_SHARES, placeShare, type Share } from '../smb/shares/share.ts';
import { startSmbServer, type SmbServer } from '../smb/smb-server.ts';
import { shadowFolder } from '../vss/volumes.ts';
import { acceptorFor } from '../wsman/auth/acceptors.ts';
import { mayLogIn, type LabLogins, type LoginFaults } from '../wsman/auth/lab-logins.ts';

/** Settings of Windows Server 2025, which requires signatures. */
const SMB_SETTINGS: SmbSettings = {
  dialects: [DIALECT.smb202, DIALECT.smb210, DIALECT.smb300, DIALECT.smb302, DIALECT.smb311],
  ciphers: [CIPHER.aes128Gcm, CIPHER.aes128Ccm, CIPHER.aes256Gcm, CIPHER.aes256Ccm],
  signings: [SIGNING.aesGmac, SIGNING.aesCmac, SIGNING.hmacSha256],
  credits: 8192,
  maxBytes: 8 << 20,
  encryptSessions: false,
};

/** The file server in the first line of `lab start`. */
export interface SmbLine {
  readonly port: number;
  readonly shares: readonly {
    readonly name: string;
    readonly hostPath: string;
    readonly encrypt: boolean;
    readonly scaleOut: boolean;
    readonly continuous: boolean;
  }[];
}

export interface LabSmbStart {
  readonly address: string;
  /** undefined: the port of the last start. */
  readonly port: number | undefined;
  readonly logins: LabLogins;
  readonly faults: LoginFaults;
  readonly log: Log;
  /** Local folder of `C:\ProgramData`; undefined: the host does not have it. */
  readonly programData?: string | undefined;
  readonly settings?: Partial<SmbSettings>;
}

/**
 * Serves the lab's files over SMB, if a port is given or was given before. Remembers the port. Throws
 * `lab.port`.
 */
export async function startLabSmb(lab: Lab, start: LabSmbStart): Promise<SmbServer | undefined> {
  const { state } = lab;
  if (start.port === undefined && (state.smb?.port ?? 0) === 0) return undefined;
  state.smb ??= { port: 0, guid: newGuid(), shares: [...FIRST_SHARES] };
  for (const { local } of sharesOf(lab, start)) await fs.mkdir(local, { recursive: true });
  const server = await startSmbServer(
    hostOf(lab, start),
    start.address,
    start.port ?? state.smb.port,
  );
  state.smb.port = server.port;
  return server;
}

/** Returns the part of the first line about the file server; undefined if the lab never served files. */
export function smbLine({ state: { smb } }: Lab): SmbLine | undefined {
  if (smb === undefined) return undefined;
  const shares = smb.shares.map(({ name, hostPath, encrypt, scaleOut, continuous }) => ({
    name,
    hostPath,
    encrypt,
    scaleOut,
    continuous,
  }));
  return { port: smb.port, shares };
}

function sharesOf(
  { state, paths }: Lab,
  { programData }: Pick<LabSmbStart, 'programData'>,
): readonly Share[] {
  const beside = new Map<string, string>(
    programData === undefined ? [] : [['ProgramData', programData]],
  );
  return (state.smb?.shares ?? [])
    .map((each) => placeShare(each, HOST_ROOT, paths.localRoot))
    .filter((each) => each !== undefined)
    .map((each) => (each.virtual.length === 0 ? each : { ...each, beside }));
}

/** A folder in which a shadow copy is mounted leads to the copy, which the server enters as Windows does. */
const mountedCopy = (lab: Lab, local: string): string | undefined => {
  const shadow = lab.state.shadows?.find(({ mount }) => mount === local);
  return shadow && shadowFolder(lab, shadow);
};

function hostOf(lab: Lab, start: LabSmbStart): SmbHost {
  const { state } = lab;
  const { logins, faults, log, settings } = start;
  return {
    machineName: state.machineName,
    serverGuid: state.smb?.guid ?? newGuid(),
    settings: { ...SMB_SETTINGS, ...settings },
    faults: smbFaults(lab),
    log,
    shares: () => sharesOf(lab, start),
    fileShares: lab.shares,
    realPath: (local) => mountedCopy(lab, local) ?? lab.held.realLocal(local),
    sharedDisks: lab.sharedDisks,
    mechanisms: () =>
      logins.keytab === undefined ? [OID.ntlm] : [OID.microsoftKerberos, OID.kerberos, OID.ntlm],
    acceptor: () => acceptorFor('negotiate', undefined, { ...logins, faults, forFiles: true }),
    refuses: ({ mechanism, user }) => {
      // As on Windows, the host knows the account only after its last token.
      if (faults.locked()) return STATUS.accountLocked;
      const unknown = mechanism === 'kerberos' && !mayLogIn(user ?? '', logins);
      return unknown ? STATUS.logonFailure : undefined;
    },
  };
}

/** Adapts the lab's fault switches to the file server. */
function smbFaults({ faults }: Lab): SmbFaults {
  return {
    dropsBefore: () => {
      faults.beginExchange();
      return faults.strike('smb.drop') !== undefined;
    },
    dropsAfter: () => faults.strike('smb.lost') !== undefined,
    pendingFor: () => faults.number('smb.pending', 3000),
    credits: () => faults.number('smb.credits', 1),
    space: () => faults.number('smb.space', 0),
    expires: () => faults.strike('smb.expired') !== undefined,
    answer: () => {
      if (faults.strike('smb.altered') !== undefined) return 'altered';
      return faults.strike('smb.plain') === undefined ? undefined : 'plain';
    },
    guest: () => faults.strike('smb.guest') !== undefined,
  };
}
