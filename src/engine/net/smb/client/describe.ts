import { CIPHER, SIGNING } from '../codec/session/negotiate-contexts.ts';
import { DIALECT, SHARE_CAPABILITY, SHARE_FLAG } from '../codec/protocol/constants.ts';
import type { TreeConnectResponse } from '../codec/session/tree-connect.ts';
import type { Negotiated } from './connection/negotiate.ts';

/** Names of what was negotiated, for people and documents. */
export interface NegotiatedNames {
  readonly dialect: string;
  readonly signing: string;
  /** null: the server cannot encrypt. */
  readonly cipher: string | null;
}

const DIALECTS: ReadonlyMap<number, string> = new Map([
  [DIALECT.smb300, '3.0'],
  [DIALECT.smb302, '3.0.2'],
  [DIALECT.smb311, '3.1.1'],
]);
const CIPHERS: ReadonlyMap<number, string> = new Map([
  [CIPHER.aes128Ccm, 'AES-128-CCM'],
  [CIPHER.aes128Gcm, 'AES-128-GCM'],
  [CIPHER.aes256Ccm, 'AES-256-CCM'],
  [CIPHER.aes256Gcm, 'AES-256-GCM'],
]);
const SIGNINGS: ReadonlyMap<number, string> = new Map([
  [SIGNING.hmacSha256, 'HMAC-SHA256'],
  [SIGNING.aesCmac, 'AES-128-CMAC'],
  [SIGNING.aesGmac, 'AES-128-GMAC'],
]);

export function describeNegotiated({ dialect, signing, cipher }: Negotiated): NegotiatedNames {
  return {
    dialect: DIALECTS.get(dialect) ?? String(dialect),
    signing: SIGNINGS.get(signing) ?? String(signing),
    cipher: CIPHERS.get(cipher) ?? null,
  };
}

/** Returns the names of what a share demands or offers. */
export function shareFlagNames({ shareFlags, capabilities }: TreeConnectResponse): string[] {
  const flags: readonly (readonly [string, number])[] = [
    ['dfs', SHARE_FLAG.dfs],
    ['dfsRoot', SHARE_FLAG.dfsRoot],
    ['accessBasedEnumeration', SHARE_FLAG.accessBasedEnumeration],
    ['encrypt', SHARE_FLAG.encrypt],
  ];
  const offers: readonly (readonly [string, number])[] = [
    ['continuousAvailability', SHARE_CAPABILITY.continuousAvailability],
    ['scaleOut', SHARE_CAPABILITY.scaleOut],
    ['cluster', SHARE_CAPABILITY.cluster],
    ['asymmetric', SHARE_CAPABILITY.asymmetric],
  ];
  return [
    ...flags.filter(([, bit]) => (shareFlags & bit) !== 0),
    ...offers.filter(([, bit]) => (capabilities & bit) !== 0),
  ].map(([name]) => name);
}
