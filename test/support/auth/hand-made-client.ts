import { randomBytes } from 'node:crypto';
import { hmacMd5 } from '../../../src/engine/net/auth/ntlm/crypto/digests.ts';
import * as v2 from '../../../src/engine/net/auth/ntlm/keys/ntlmv2.ts';
import {
  encodeAuthenticate,
  setMic,
} from '../../../src/engine/net/auth/ntlm/messages/authenticate.ts';
import { AV, encodeAvPairs } from '../../../src/engine/net/auth/ntlm/messages/av-pairs.ts';
import { parseChallenge } from '../../../src/engine/net/auth/ntlm/messages/challenge.ts';
import { encodeNegotiate } from '../../../src/engine/net/auth/ntlm/messages/negotiate.ts';
import { ntlmAcceptor } from '../../../src/engine/net/auth/ntlm/ntlm-acceptor.ts';
import { PASSWORD, serverInput } from './ntlm-pair.ts';

/** An old or hostile client, message by message. */
export interface HandMade {
  /** Flags of the NEGOTIATE message. */
  readonly flags: number;
  readonly user?: string;
  /** Replaces the response. */
  readonly ntResponse?: Buffer;
  /** Announces a MIC; `wrong` sends zeros. */
  readonly mic?: 'right' | 'wrong';
}

/** Logs in without key exchange. Returns the service's context and flags, and the client's key. */
export async function logInByHand(made: HandMade): Promise<{
  readonly server: ReturnType<typeof ntlmAcceptor>;
  readonly flags: number;
  readonly key: Buffer;
}> {
  const { flags: offered, user = 'mara', mic } = made;
  const server = ntlmAcceptor(serverInput({ sealing: false }));
  const negotiate = encodeNegotiate(offered);
  const challengeMessage = (await server.step(negotiate)).token as Buffer;
  const { flags, serverChallenge, targetInfo } = parseChallenge(challengeMessage);
  const pairs = new Map(targetInfo);
  if (mic !== undefined) pairs.set(AV.flags, Buffer.from('02000000', 'hex'));
  const clientChallenge = randomBytes(8);
  const blob = v2.encodeBlob({
    time: v2.fileTime(Date.now()),
    clientChallenge,
    avPairs: encodeAvPairs(pairs),
  });
  const secret = v2.ntowfV2(PASSWORD, user, 'HARBOUR');
  const ntResponse = v2.ntResponse(secret, serverChallenge, blob);
  const key = v2.sessionBaseKey(secret, ntResponse.subarray(0, 16));
  const message = encodeAuthenticate({
    flags,
    user,
    domain: 'HARBOUR',
    workstation: 'OLD',
    lmResponse: v2.lmV2Response(secret, serverChallenge, clientChallenge),
    ntResponse: made.ntResponse ?? ntResponse,
    encryptedSessionKey: Buffer.alloc(0),
  });
  if (mic === 'right') setMic(message, hmacMd5(key, negotiate, challengeMessage, message));
  await server.step(message);
  return { server, flags, key };
}
