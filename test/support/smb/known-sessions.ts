import { readFileSync } from 'node:fs';

/** A session between smbclient and Samba that was recorded on the loopback interface, with its keys. */
export interface KnownSession {
  readonly name: string;
  readonly dialect: number;
  readonly cipherId: number;
  readonly signing: number;
  readonly sessionKey: Buffer;
  readonly preauthHash: Buffer;
  readonly keys: Readonly<Record<'sign' | 'c2s' | 's2c', Buffer | undefined>>;
  readonly messages: readonly {
    readonly from: 'client' | 'server';
    /** Without the prefix of the frame. */
    readonly bytes: Buffer;
  }[];
}

interface Recorded {
  readonly name: string;
  readonly dialect: string;
  readonly cipherId: number;
  readonly signingAlg: number;
  readonly exportedSessionKey: string;
  readonly preauthFinal: string | null;
  readonly keys: Readonly<Record<string, string | null>> | null;
  readonly messages: readonly (readonly [string, string])[];
}

/** Reads the recorded sessions: every dialect of SMB 2 and 3, signing algorithm and cipher. */
export function knownSessions(): KnownSession[] {
  const path = new URL('smb-kat.json', import.meta.url);
  const { sessions } = JSON.parse(readFileSync(path, 'utf8')) as { sessions: readonly Recorded[] };
  const bytes = (hex: string | null | undefined): Buffer | undefined =>
    hex === null || hex === undefined ? undefined : Buffer.from(hex, 'hex');
  return sessions.map((each) => ({
    name: each.name,
    dialect: Number(each.dialect),
    cipherId: each.cipherId,
    signing: each.signingAlg,
    sessionKey: Buffer.from(each.exportedSessionKey, 'hex'),
    preauthHash: Buffer.from(each.preauthFinal ?? '', 'hex'),
    keys: {
      sign: bytes(each.keys?.['sign']),
      c2s: bytes(each.keys?.['c2s']),
      s2c: bytes(each.keys?.['s2c']),
    },
    messages: each.messages.map(([direction, hex]) => ({
      from: direction === 'c2s' ? ('client' as const) : ('server' as const),
      bytes: Buffer.from(hex, 'hex'),
    })),
  }));
}
