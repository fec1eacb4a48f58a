import { Buffer } from 'node:buffer';
import { alignTo8, Body, utf16 } from '../protocol/body.ts';
import type { SmbCommand } from '../protocol/command.ts';
import { COMMAND } from '../protocol/constants.ts';
import { Fields, HEADER_BYTES } from '../protocol/fields.ts';
import type { FileId } from '../protocol/file-id.ts';
import {
  decodeCreateContexts,
  encodeCreateContexts,
  type CreateContext,
} from './create-contexts.ts';
import { readFileFacts, writeFileFacts, type FileFacts } from './file-facts.ts';

/*
 * CREATE (MS-SMB2 2.2.13, 2.2.14).
 *
 *   request   u16 57, u8 0, u8 oplock, u32 impersonation, u64 0, u64 0, u32 access, u32 attributes, u32
 *             share access, u32 disposition, u32 options, u16 offset and u16 length of the name, u32 offset
 *             and u32 length of the contexts; name, UTF-16; contexts
 *   response  u16 89, u8 oplock, u8 flags, u32 action, 4 times u64, u64 allocation, u64 end of file, u32
 *             attributes, u32 0, file id, u32 offset and u32 length of the contexts; contexts
 */

const REQUEST_SIZE = 57;
const RESPONSE_SIZE = 89;
const MAX_NAME_BYTES = 0xffff;
/** Impersonation: the server acts as the user, on its own files. */
export const IMPERSONATION = 2;

export interface CreateRequest {
  readonly oplock: number;
  readonly impersonation: number;
  readonly access: number;
  readonly attributes: number;
  readonly shareAccess: number;
  readonly disposition: number;
  readonly options: number;
  /** Relative to the share, `\` between its parts, none in front; empty: the root. */
  readonly name: string;
  readonly contexts: readonly CreateContext[];
}

export interface CreateResponse {
  readonly oplock: number;
  readonly flags: number;
  readonly action: number;
  readonly facts: FileFacts;
  readonly fileId: FileId;
  readonly contexts: readonly CreateContext[];
}

export const CREATE: SmbCommand<CreateRequest, CreateResponse> = {
  code: COMMAND.create,
  name: 'CREATE',

  encodeRequest(request) {
    const name = utf16(request.name);
    const contexts = encodeCreateContexts(request.contexts);
    const fixed = REQUEST_SIZE - 1;
    const variable = contexts.length === 0 ? name.length : alignTo8(name.length) + contexts.length;
    const body = new Body(REQUEST_SIZE, variable);
    body.u8(0).u8(request.oplock).u32(request.impersonation).u64(0).u64(0);
    body.u32(request.access).u32(request.attributes).u32(request.shareAccess);
    body.u32(request.disposition).u32(request.options);
    body.u16(HEADER_BYTES + fixed).u16(name.length);
    body.part(name);
    body.u32(body.align().part(contexts)).u32(contexts.length);
    return body.done();
  },

  decodeRequest(message) {
    const fields = new Fields(message, 'CREATE request', 'smb.request').structure(REQUEST_SIZE);
    const oplock = fields.skip(1).u8();
    const impersonation = fields.u32();
    const [access, attributes, shareAccess] = [fields.skip(16).u32(), fields.u32(), fields.u32()];
    const [disposition, options] = [fields.u32(), fields.u32()];
    const [nameOffset, nameLength] = [fields.u16(), fields.u16()];
    const [contextsOffset, contextsLength] = [fields.u32(), fields.u32()];
    const name = fields.text(nameOffset, nameLength, 'the name', MAX_NAME_BYTES);
    const contexts = decodeCreateContexts(
      fields.part(contextsOffset, contextsLength, 'the contexts'),
      'smb.request',
    );
    return {
      oplock,
      impersonation,
      access,
      attributes,
      shareAccess,
      disposition,
      options,
      name,
      contexts,
    };
  },

  encodeResponse({ oplock, flags, action, facts, fileId, contexts }) {
    const coded = encodeCreateContexts(contexts);
    const body = new Body(RESPONSE_SIZE, coded.length);
    body.u8(oplock).u8(flags).u32(action);
    writeFileFacts(body, facts);
    body.u32(0).fileId(fileId).u32(body.part(coded)).u32(coded.length);
    return body.done();
  },

  decodeResponse(message) {
    const fields = new Fields(message, 'CREATE response', 'smb.answer').structure(RESPONSE_SIZE);
    const [oplock, flags] = [fields.u8(), fields.u8()];
    const action = fields.u32();
    const facts = readFileFacts(fields);
    const fileId = fields.skip(4).fileId();
    const [offset, length] = [fields.u32(), fields.u32()];
    const coded = Buffer.from(fields.part(offset, length, 'the contexts'));
    const contexts = decodeCreateContexts(coded, 'smb.answer');
    return { oplock, flags, action, facts, fileId, contexts };
  },
};
