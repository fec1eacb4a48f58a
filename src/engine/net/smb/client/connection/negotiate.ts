import { randomBytes } from 'node:crypto';
import type { Guid } from '../../../../base/guid.ts';
import { smbError } from '../../contract/smb-errors.ts';
import {
  CIPHER,
  decodeIds,
  decodePreauth,
  encodeIds,
  encodePreauth,
  HASH_SHA512,
  NEGOTIATE_CONTEXT,
  SIGNING,
  type NegotiateContext,
} from '../../codec/session/negotiate-contexts.ts';
import type { NegotiateRequest, NegotiateResponse } from '../../codec/session/negotiate.ts';
import {
  CAPABILITY,
  CREDIT_BYTES,
  DIALECT,
  SECURITY_MODE,
} from '../../codec/protocol/constants.ts';

/** The request and the response of a negotiation. */
export interface Negotiated {
  readonly request: NegotiateRequest;
  readonly response: NegotiateResponse;
  readonly dialect: number;
  /** Number of the cipher; 0: the server cannot encrypt. */
  readonly cipher: number;
  readonly signing: number;
  /** Maximum bytes of a read and of another answer. */
  readonly maxRead: number;
  readonly maxTransact: number;
  /** A request may pay for more than 64 KiB. */
  readonly multiCredit: boolean;
}

/** Choices that a caller may narrow; the order is the preference. */
export interface Offer {
  readonly dialects: readonly number[];
  readonly ciphers: readonly number[];
  readonly signing: readonly number[];
}

export const DEFAULT_OFFER: Offer = {
  dialects: [DIALECT.smb300, DIALECT.smb302, DIALECT.smb311],
  ciphers: [CIPHER.aes128Gcm, CIPHER.aes256Gcm, CIPHER.aes128Ccm, CIPHER.aes256Ccm],
  signing: [SIGNING.aesGmac, SIGNING.aesCmac, SIGNING.hmacSha256],
};

const SALT_BYTES = 32;

/** Returns the request of a client that requires signatures. */
export function negotiateRequest(clientGuid: Guid, offer: Offer): NegotiateRequest {
  const preauth = { hashes: [HASH_SHA512], salt: randomBytes(SALT_BYTES) };
  const contexts = [
    { type: NEGOTIATE_CONTEXT.preauth, data: encodePreauth(preauth) },
    { type: NEGOTIATE_CONTEXT.encryption, data: encodeIds(offer.ciphers) },
    { type: NEGOTIATE_CONTEXT.signing, data: encodeIds(offer.signing) },
  ];
  return {
    securityMode: SECURITY_MODE.enabled | SECURITY_MODE.required,
    capabilities: CAPABILITY.largeMtu | CAPABILITY.encryption,
    clientGuid,
    dialects: offer.dialects,
    contexts: offer.dialects.includes(DIALECT.smb311) ? contexts : [],
  };
}

/**
 * Checks an answer against the request. Throws `smb.dialect` for one below 3.0 or not offered, and
 * `smb.answer` for algorithms that were not offered or limits that no server has.
 */
export function checkNegotiate(
  request: NegotiateRequest,
  response: NegotiateResponse,
  offer: Offer,
): Negotiated {
  const { dialect, contexts, capabilities } = response;
  if (dialect < DIALECT.smb300 || !request.dialects.includes(dialect)) {
    const found = `0x${dialect.toString(16).padStart(4, '0')}`;
    throw smbError(
      'smb.dialect',
      `The file server answers with dialect ${found}, expected SMB 3.0, 3.0.2 or 3.1.1`,
      { data: { found } },
    );
  }
  const isLate = dialect === DIALECT.smb311;
  if (isLate) checkPreauth(contexts);
  const cipher = isLate
    ? chosen(contexts, NEGOTIATE_CONTEXT.encryption, 'ENCRYPTION', offer.ciphers)
    : (capabilities & CAPABILITY.encryption) !== 0
      ? CIPHER.aes128Ccm
      : CIPHER.none;
  const signing = isLate
    ? (chosen(contexts, NEGOTIATE_CONTEXT.signing, 'SIGNING', offer.signing) ?? SIGNING.aesCmac)
    : SIGNING.aesCmac;
  const limits = [response.maxRead, response.maxTransact];
  if (limits.some((limit) => limit < CREDIT_BYTES / 16)) {
    throw smbError('smb.answer', `The file server reads at most ${response.maxRead} bytes at once`);
  }
  return {
    request,
    response,
    dialect,
    cipher: cipher ?? CIPHER.none,
    signing,
    maxRead: response.maxRead,
    maxTransact: response.maxTransact,
    multiCredit: (capabilities & CAPABILITY.largeMtu) !== 0,
  };
}

function checkPreauth(contexts: readonly NegotiateContext[]): void {
  const found = contexts.filter(({ type }) => type === NEGOTIATE_CONTEXT.preauth);
  const [first] = found;
  const hashes = first && decodePreauth(first.data, 'smb.answer').hashes;
  if (found.length === 1 && hashes?.length === 1 && hashes[0] === HASH_SHA512) return;
  throw smbError(
    'smb.answer',
    `NEGOTIATE response: ${found.length} preauthentication contexts, expected one with SHA-512`,
  );
}

/** Returns the one algorithm of a context; undefined without the context. */
function chosen(
  contexts: readonly NegotiateContext[],
  type: number,
  name: string,
  offered: readonly number[],
): number | undefined {
  const found = contexts.filter((context) => context.type === type);
  const [first] = found;
  if (first === undefined) return undefined;
  const ids = decodeIds(first.data, name, 'smb.answer');
  const [id] = ids;
  const isNone = type === NEGOTIATE_CONTEXT.encryption && id === CIPHER.none;
  const valid = id !== undefined && (offered.includes(id) || isNone);
  if (found.length === 1 && ids.length === 1 && valid) return id;
  throw smbError(
    'smb.answer',
    `NEGOTIATE response: the ${name} context has ${ids.join(', ') || 'nothing'}, expected one of ${offered.join(', ')}`,
    { data: { found: ids.map(String), expected: offered.map(String) } },
  );
}
