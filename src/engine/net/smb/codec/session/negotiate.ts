import { Buffer } from 'node:buffer';
import type { Guid } from '../../../../base/guid.ts';
import { alignTo8, Body } from '../protocol/body.ts';
import type { SmbCommand } from '../protocol/command.ts';
import { COMMAND, DIALECT } from '../protocol/constants.ts';
import { Fields, HEADER_BYTES } from '../protocol/fields.ts';
import { decodeContexts, encodeContexts, type NegotiateContext } from './negotiate-contexts.ts';

/*
 * NEGOTIATE (MS-SMB2 2.2.3, 2.2.4).
 *
 *   request   u16 36, u16 number of dialects, u16 security mode, u16 0, u32 capabilities, client GUID,
 *             u32 offset and u16 number of contexts, u16 0 (without 3.1.1: u64 0); dialects; contexts
 *   response  u16 65, u16 security mode, u16 dialect, u16 number of contexts, server GUID, u32
 *             capabilities, u32 most bytes of a transaction, of a read, of a write, u64 time, u64 start,
 *             u16 offset and u16 length of the token, u32 offset of contexts; token; contexts
 */

const REQUEST_SIZE = 36;
const RESPONSE_SIZE = 65;
const MAX_DIALECTS = 64;

export interface NegotiateRequest {
  readonly securityMode: number;
  readonly capabilities: number;
  readonly clientGuid: Guid;
  readonly dialects: readonly number[];
  /** Only with dialect 3.1.1. */
  readonly contexts: readonly NegotiateContext[];
}

export interface NegotiateResponse {
  readonly securityMode: number;
  readonly dialect: number;
  readonly serverGuid: Guid;
  readonly capabilities: number;
  /** Maximum bytes of one query, set or IOCTL. */
  readonly maxTransact: number;
  readonly maxRead: number;
  readonly maxWrite: number;
  /** FILETIMEs: units of 100 ns since 1601. */
  readonly systemTime: bigint;
  readonly startTime: bigint;
  /** First token of the login: the mechanisms that the server has. */
  readonly token: Buffer;
  readonly contexts: readonly NegotiateContext[];
}

export const NEGOTIATE: SmbCommand<NegotiateRequest, NegotiateResponse> = {
  code: COMMAND.negotiate,
  name: 'NEGOTIATE',

  encodeRequest({ securityMode, capabilities, clientGuid, dialects, contexts }) {
    const list = Buffer.alloc(2 * dialects.length);
    for (const [at, dialect] of dialects.entries()) list.writeUInt16LE(dialect, 2 * at);
    const coded = encodeContexts(contexts);
    const start = alignTo8(HEADER_BYTES + REQUEST_SIZE + list.length);
    const variable = coded.length === 0 ? list.length : start - HEADER_BYTES - REQUEST_SIZE;
    const body = new Body(REQUEST_SIZE, variable + coded.length);
    body.u16(dialects.length).u16(securityMode).u16(0).u32(capabilities).guid(clientGuid);
    body
      .u32(coded.length === 0 ? 0 : start)
      .u16(contexts.length)
      .u16(0);
    body.part(list);
    body.align().part(coded);
    return body.done();
  },

  decodeRequest(message) {
    const fields = new Fields(message, 'NEGOTIATE request', 'smb.request').structure(REQUEST_SIZE);
    const [count, securityMode] = [fields.u16(), fields.u16()];
    const capabilities = fields.skip(2).u32();
    const clientGuid = fields.guid();
    const [contextOffset, contextCount] = [fields.u32(), fields.u16()];
    fields.skip(2);
    if (count > MAX_DIALECTS) throw fields.wrong(`${count} dialects, more than ${MAX_DIALECTS}`);
    const dialects = Array.from({ length: count }, () => fields.u16());
    const contexts = dialects.includes(DIALECT.smb311)
      ? decodeContexts(message, contextOffset, contextCount, 'smb.request')
      : [];
    return { securityMode, capabilities, clientGuid, dialects, contexts };
  },

  encodeResponse(response) {
    const { token, contexts } = response;
    const coded = encodeContexts(contexts);
    const fixed = RESPONSE_SIZE - 1;
    const variable =
      coded.length === 0
        ? token.length
        : alignTo8(HEADER_BYTES + fixed + token.length) - HEADER_BYTES - fixed + coded.length;
    const body = new Body(RESPONSE_SIZE, variable);
    body.u16(response.securityMode).u16(response.dialect).u16(contexts.length);
    body.guid(response.serverGuid).u32(response.capabilities);
    body.u32(response.maxTransact).u32(response.maxRead).u32(response.maxWrite);
    body.u64(response.systemTime).u64(response.startTime);
    body.u16(HEADER_BYTES + fixed).u16(token.length);
    body.part(token);
    body.u32(body.align().part(coded));
    return body.done();
  },

  decodeResponse(message) {
    const what = 'NEGOTIATE response';
    const fields = new Fields(message, what, 'smb.answer').structure(RESPONSE_SIZE);
    const [securityMode, dialect, contextCount] = [fields.u16(), fields.u16(), fields.u16()];
    const serverGuid = fields.guid();
    const capabilities = fields.u32();
    const [maxTransact, maxRead, maxWrite] = [fields.u32(), fields.u32(), fields.u32()];
    const [systemTime, startTime] = [fields.u64(), fields.u64()];
    const [tokenOffset, tokenLength] = [fields.u16(), fields.u16()];
    const contextOffset = fields.u32();
    const token = fields.part(tokenOffset, tokenLength, 'the token');
    const contexts =
      dialect === DIALECT.smb311
        ? decodeContexts(message, contextOffset, contextCount, 'smb.answer')
        : [];
    return {
      securityMode,
      dialect,
      serverGuid,
      capabilities,
      maxTransact,
      maxRead,
      maxWrite,
      systemTime,
      startTime,
      token,
      contexts,
    };
  },
};
