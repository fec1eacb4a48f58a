import { emptyError } from '../../../../src/engine/net/smb/codec/protocol/error-body.ts';
import {
  decodeHeader,
  encodeMessage,
} from '../../../../src/engine/net/smb/codec/protocol/header.ts';
import type { NegotiateContext } from '../../../../src/engine/net/smb/codec/session/negotiate-contexts.ts';
import { NEGOTIATE } from '../../../../src/engine/net/smb/codec/session/negotiate.ts';

export { COMMAND } from '../../../../src/engine/net/smb/codec/protocol/constants.ts';

/*
 * Changes that somebody between client and server makes to plain messages.
 */

/** Returns the command of a plain message; undefined if it is encrypted. */
export const commandOf = (bytes: Buffer): number | undefined =>
  bytes[0] === 0xfe ? bytes.readUInt16LE(12) : undefined;

/** Returns a NEGOTIATE request with other dialects. */
export function withDialects(content: Buffer, dialects: readonly number[]): Buffer {
  const request = NEGOTIATE.decodeRequest(content);
  const contexts = dialects.includes(0x311) ? request.contexts : [];
  return encodeMessage(
    decodeHeader(content, 'smb.request'),
    NEGOTIATE.encodeRequest({ ...request, dialects, contexts }),
  );
}

/** Returns a NEGOTIATE message with the contexts that `keep` chooses. */
export function withContexts(content: Buffer, keep: (each: NegotiateContext) => boolean): Buffer {
  const header = decodeHeader(content, 'smb.request');
  if ((header.flags & 1) === 0) {
    const request = NEGOTIATE.decodeRequest(content);
    const contexts = request.contexts.filter(keep);
    return encodeMessage(header, NEGOTIATE.encodeRequest({ ...request, contexts }));
  }
  const response = NEGOTIATE.decodeResponse(content);
  const contexts = response.contexts.filter(keep);
  return encodeMessage(header, NEGOTIATE.encodeResponse({ ...response, contexts }));
}

/** Returns a NEGOTIATE response with other capabilities. */
export function withCapabilities(content: Buffer, change: (all: number) => number): Buffer {
  const response = NEGOTIATE.decodeResponse(content);
  return encodeMessage(
    decodeHeader(content, 'smb.answer'),
    NEGOTIATE.encodeResponse({ ...response, capabilities: change(response.capabilities) }),
  );
}

/** Returns an unsigned error in the place of an answer. */
export function errorTo(content: Buffer, status: number): Buffer {
  const header = decodeHeader(content, 'smb.answer');
  return encodeMessage({ ...header, status, flags: header.flags & ~8 }, emptyError());
}
