import { randomBytes } from 'node:crypto';
import { CAPABILITY, DIALECT, SECURITY_MODE } from '../../../net/smb/codec/protocol/constants.ts';
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
} from '../../../net/smb/codec/session/negotiate-contexts.ts';
import { NEGOTIATE, type NegotiateRequest } from '../../../net/smb/codec/session/negotiate.ts';
import { NIL_GUID } from '../../../base/guid.ts';
import { encodeInit, encodeMechanisms } from '../../../net/auth/spnego/init-token.ts';
import { SERVER_STATUS as STATUS } from '../contract/server-status.ts';
import { StatusError } from '../contract/status-error.ts';
import type { Negotiated } from '../commands/contract/request.ts';
import { fileTimeNow, fileTime } from '../files/file-times.ts';
import type { FileServer } from '../sessions/file-server.ts';

const SALT_BYTES = 32;
/** Maximum bytes of a message before 2.1. */
const SMALL = 65_536;

export interface NegotiateAnswer {
  readonly negotiated: Negotiated;
  readonly body: Buffer;
}

/** Answers NEGOTIATE (MS-SMB2 3.3.5.4). Throws the status of what the client did wrong. */
export function negotiate(server: FileServer, message: Buffer): NegotiateAnswer {
  const request = NEGOTIATE.decodeRequest(message);
  const { settings } = server.host;
  if (request.dialects.length === 0) throw new StatusError(STATUS.invalidParameter);
  const common = settings.dialects.filter((each) => request.dialects.includes(each));
  if (common.length === 0) throw new StatusError(STATUS.notSupported);
  const dialect = Math.max(...common);
  const { contexts, cipher, signing } = agree(dialect, request, server);
  return answer(server, request, { dialect, cipher, signing, contexts });
}

/** Answers the negotiation of SMB 1 with a dialect of SMB 2 (MS-SMB2 3.3.5.3). */
export function negotiateFromSmb1(server: FileServer, dialect: number): NegotiateAnswer {
  const request: NegotiateRequest = {
    securityMode: SECURITY_MODE.enabled,
    capabilities: 0,
    clientGuid: NIL_GUID,
    dialects: [dialect],
    contexts: [],
  };
  return answer(server, request, {
    dialect,
    cipher: CIPHER.none,
    signing: SIGNING.hmacSha256,
    contexts: [],
  });
}

interface Agreement {
  readonly dialect: number;
  readonly cipher: number;
  readonly signing: number;
  readonly contexts: readonly NegotiateContext[];
}

function answer(
  server: FileServer,
  request: NegotiateRequest,
  { dialect, cipher, signing, contexts }: Agreement,
): NegotiateAnswer {
  const { host } = server;
  const maxBytes = dialect >= DIALECT.smb210 ? host.settings.maxBytes : SMALL;
  const negotiated: Negotiated = {
    dialect,
    clientGuid: request.clientGuid,
    clientCapabilities: request.capabilities,
    clientSecurityMode: request.securityMode,
    clientDialects: request.dialects,
    serverCapabilities: capabilities(dialect, request.capabilities, cipher),
    serverSecurityMode: SECURITY_MODE.enabled | SECURITY_MODE.required,
    cipher,
    signing,
    maxBytes,
  };
  const body = NEGOTIATE.encodeResponse({
    securityMode: negotiated.serverSecurityMode,
    dialect,
    serverGuid: host.serverGuid,
    capabilities: negotiated.serverCapabilities,
    maxTransact: maxBytes,
    maxRead: maxBytes,
    maxWrite: maxBytes,
    systemTime: fileTimeNow(),
    startTime: fileTime(BigInt(server.startedAt) * 1_000_000n),
    token: encodeInit(encodeMechanisms(host.mechanisms()), undefined),
    contexts,
  });
  return { negotiated, body };
}

function capabilities(dialect: number, client: number, cipher: number): number {
  let own = 0;
  if (dialect >= DIALECT.smb210) own |= CAPABILITY.largeMtu;
  if (dialect >= DIALECT.smb300) own |= client & CAPABILITY.persistentHandles;
  const early = dialect === DIALECT.smb300 || dialect === DIALECT.smb302;
  if (early && cipher !== CIPHER.none) own |= CAPABILITY.encryption;
  return own;
}

/** Chooses cipher and signing; of several the one that the client names first. */
function agree(
  dialect: number,
  { contexts, capabilities: client }: NegotiateRequest,
  { host: { settings } }: FileServer,
): Omit<Agreement, 'dialect'> {
  if (dialect !== DIALECT.smb311) {
    const asked = dialect >= DIALECT.smb300 && (client & CAPABILITY.encryption) !== 0;
    const able = asked && settings.ciphers.includes(CIPHER.aes128Ccm);
    const signing = dialect >= DIALECT.smb300 ? SIGNING.aesCmac : SIGNING.hmacSha256;
    return { cipher: able ? CIPHER.aes128Ccm : CIPHER.none, signing, contexts: [] };
  }
  const preauth = only(contexts, NEGOTIATE_CONTEXT.preauth);
  if (preauth === undefined) throw new StatusError(STATUS.invalidParameter);
  if (!decodePreauth(preauth, 'smb.request').hashes.includes(HASH_SHA512)) {
    throw new StatusError(STATUS.noPreauthHashOverlap);
  }
  const salt = randomBytes(SALT_BYTES);
  const answers: NegotiateContext[] = [
    { type: NEGOTIATE_CONTEXT.preauth, data: encodePreauth({ hashes: [HASH_SHA512], salt }) },
  ];
  const choose = (type: number, what: string, known: readonly number[]): number | undefined => {
    const data = only(contexts, type);
    if (data === undefined) return undefined;
    const ids = decodeIds(data, what, 'smb.request');
    if (ids.length === 0) throw new StatusError(STATUS.invalidParameter);
    return ids.find((id) => known.includes(id)) ?? -1;
  };
  const cipher = choose(NEGOTIATE_CONTEXT.encryption, 'ENCRYPTION', settings.ciphers);
  if (cipher !== undefined) {
    const data = encodeIds([Math.max(cipher, CIPHER.none)]);
    answers.push({ type: NEGOTIATE_CONTEXT.encryption, data });
  }
  const signing = choose(NEGOTIATE_CONTEXT.signing, 'SIGNING', settings.signings);
  if (signing !== undefined && signing >= 0) {
    answers.push({ type: NEGOTIATE_CONTEXT.signing, data: encodeIds([signing]) });
  }
  return {
    cipher: Math.max(cipher ?? CIPHER.none, CIPHER.none),
    signing: signing === undefined || signing < 0 ? SIGNING.aesCmac : signing,
    contexts: answers,
  };
}

/** Returns the only context of a type; several are refused. */
function only(contexts: readonly NegotiateContext[], type: number): Buffer | undefined {
  const found = contexts.filter((each) => each.type === type);
  if (found.length > 1) throw new StatusError(STATUS.invalidParameter);
  return found[0]?.data;
}
