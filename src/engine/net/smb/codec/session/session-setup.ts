import type { Buffer } from 'node:buffer';
import { Body } from '../protocol/body.ts';
import type { SmbCommand } from '../protocol/command.ts';
import { COMMAND } from '../protocol/constants.ts';
import { Fields, HEADER_BYTES } from '../protocol/fields.ts';

/*
 * SESSION_SETUP (MS-SMB2 2.2.5, 2.2.6). A response with the status MORE_PROCESSING_REQUIRED has this
 * body too.
 *
 *   request   u16 25, u8 flags (1 binding), u8 security mode, u32 capabilities, u32 channel, u16 offset
 *             and u16 length of the token, u64 previous session; token
 *   response  u16 9, u16 session flags, u16 offset and u16 length of the token; token
 */

const REQUEST_SIZE = 25;
const RESPONSE_SIZE = 9;

export interface SessionSetupRequest {
  /** 1: binds another connection to the session. */
  readonly flags: number;
  readonly securityMode: number;
  readonly capabilities: number;
  /** Session of the same user that the server ends, with all that it has open; 0 for none. */
  readonly previousSessionId: bigint;
  readonly token: Buffer;
}

export interface SessionSetupResponse {
  readonly flags: number;
  readonly token: Buffer;
}

export const SESSION_SETUP: SmbCommand<SessionSetupRequest, SessionSetupResponse> = {
  code: COMMAND.sessionSetup,
  name: 'SESSION_SETUP',

  encodeRequest({ flags, securityMode, capabilities, previousSessionId, token }) {
    const body = new Body(REQUEST_SIZE, token.length);
    body.u8(flags).u8(securityMode).u32(capabilities).u32(0);
    body.u16(HEADER_BYTES + REQUEST_SIZE - 1).u16(token.length);
    body.u64(previousSessionId);
    body.part(token);
    return body.done();
  },

  decodeRequest(message) {
    const what = 'SESSION_SETUP request';
    const fields = new Fields(message, what, 'smb.request').structure(REQUEST_SIZE);
    const [flags, securityMode] = [fields.u8(), fields.u8()];
    const capabilities = fields.u32();
    const [offset, length] = [fields.skip(4).u16(), fields.u16()];
    const previousSessionId = fields.u64();
    const token = fields.part(offset, length, 'the token');
    return { flags, securityMode, capabilities, previousSessionId, token };
  },

  encodeResponse({ flags, token }) {
    const body = new Body(RESPONSE_SIZE, token.length);
    body.u16(flags);
    body.u16(HEADER_BYTES + RESPONSE_SIZE - 1).u16(token.length);
    body.part(token);
    return body.done();
  },

  decodeResponse(message) {
    const what = 'SESSION_SETUP response';
    const fields = new Fields(message, what, 'smb.answer').structure(RESPONSE_SIZE);
    const [flags, offset, length] = [fields.u16(), fields.u16(), fields.u16()];
    return { flags, token: fields.part(offset, length, 'the token') };
  },
};
