import { cipherName, dialectName, signingName } from '../codec/session/algorithm-names.ts';
import { SHARE_CAPABILITY, SHARE_FLAG } from '../codec/protocol/constants.ts';
import type { TreeConnectResponse } from '../codec/session/tree-connect.ts';
import type { Negotiated } from './connection/negotiate.ts';

/** Names of what was negotiated, for people and documents. */
export interface NegotiatedNames {
  readonly dialect: string;
  readonly signing: string;
  /** null: the server cannot encrypt. */
  readonly cipher: string | null;
}

export function describeNegotiated({ dialect, signing, cipher }: Negotiated): NegotiatedNames {
  return {
    dialect: dialectName(dialect),
    signing: signingName(signing),
    cipher: cipherName(cipher) ?? null,
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
