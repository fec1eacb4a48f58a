/**
 * NegTokenResp (RFC 4178 4.2.2): `a1 L 30 L [a0 negState] [a1 supportedMech] [a2 responseToken]
 * [a3 mechListMIC]`. Both sides send it after the first token.
 */
import { Buffer } from 'node:buffer';
import { authError } from '../contract/auth-errors.ts';
import { contextTag, DerReader, TAG } from '../der/der-reader.ts';
import { derContext, derElement, derOid } from '../der/der-writer.ts';

const NAME = 'SPNEGO NegTokenResp';

/** Values of negState, by their number. */
const STATES = ['completed', 'incomplete', 'reject', 'requestMic'] as const;
export type NegState = (typeof STATES)[number];

export interface ResponseToken {
  /** undefined in tokens of the initiator. */
  readonly state?: NegState | undefined;
  /** Mechanism that the acceptor selected, in its first token. */
  readonly mechanism?: string | undefined;
  readonly token?: Buffer | undefined;
  readonly listMic?: Buffer | undefined;
}

export function encodeResponse(response: ResponseToken): Buffer {
  const { state, mechanism, token, listMic } = response;
  const fields: Buffer[] = [];
  if (state !== undefined) {
    const value = Buffer.from([STATES.indexOf(state)]);
    fields.push(derContext(0, derElement(TAG.enumerated, value)));
  }
  if (mechanism !== undefined) fields.push(derContext(1, derOid(mechanism)));
  if (token !== undefined) fields.push(derContext(2, derElement(TAG.octetString, token)));
  if (listMic !== undefined) fields.push(derContext(3, derElement(TAG.octetString, listMic)));
  return derContext(1, derElement(TAG.sequence, ...fields));
}

/** Reads a token. Throws `http.auth.token`. */
export function parseResponse(bytes: Buffer): ResponseToken {
  const whole = new DerReader(bytes, NAME);
  const choice = whole.inside(contextTag(1));
  whole.end();
  const fields = choice.inside(TAG.sequence);
  choice.end();
  const state = parseState(fields.optional(0, TAG.enumerated));
  let mechanism: string | undefined;
  if (fields.nextTag === contextTag(1)) {
    const supported = fields.inside(contextTag(1));
    mechanism = supported.oid();
    supported.end();
  }
  const token = fields.optional(2, TAG.octetString);
  const listMic = fields.optional(3, TAG.octetString);
  fields.end();
  return { state, mechanism, token, listMic };
}

function parseState(value: Buffer | undefined): NegState | undefined {
  if (value === undefined) return undefined;
  const state = value.length === 1 ? STATES[value[0] as number] : undefined;
  if (state !== undefined) return state;
  const found = value.subarray(0, 8).toString('hex');
  throw authError(
    'http.auth.token',
    `Invalid ${NAME}: expected a state of 0 to 3, found ${found}`,
    {
      data: { structure: NAME, found },
    },
  );
}
