import type { Buffer } from 'node:buffer';
import { Body } from '../protocol/body.ts';
import type { SmbCommand } from '../protocol/command.ts';
import { COMMAND } from '../protocol/constants.ts';
import { Fields, HEADER_BYTES } from '../protocol/fields.ts';
import type { FileId } from '../protocol/file-id.ts';

/*
 * READ (MS-SMB2 2.2.19, 2.2.20).
 *
 *   request   u16 49, u8 padding (offset that the data should have), u8 flags, u32 length, u64 offset, file
 *             id, u32 least bytes, u32 channel, u32 remaining, u16 offset and u16 length of channel info; 1 byte
 *   response  u16 17, u8 offset of the data, u8 0, u32 length, u32 remaining, u32 flags; data
 */

const REQUEST_SIZE = 49;
const RESPONSE_SIZE = 17;
/** Usual offset of the data from the header. */
export const READ_DATA_OFFSET = HEADER_BYTES + 16;

export interface ReadRequest {
  /** 1: past the server's cache (3.0.2 and later). */
  readonly flags: number;
  readonly length: number;
  /** As sent; may lie far behind the end of the file. */
  readonly offset: bigint;
  readonly fileId: FileId;
  /** Fewer bytes than these are an error. */
  readonly minimum: number;
}

/** Length and place of the data, which a reader may not have in one piece. */
export interface ReadHead {
  readonly offset: number;
  readonly length: number;
}

export interface ReadResponse {
  readonly data: Buffer;
}

/** Returns the body of a response up to its data, which follows. */
export function encodeReadHead(length: number): Buffer {
  const body = new Body(RESPONSE_SIZE - 1);
  body.seek(0).u16(RESPONSE_SIZE).u8(READ_DATA_OFFSET).u8(0).u32(length).u32(0).u32(0);
  return body.done();
}

/**
 * Decodes a response of `length` bytes, of which `start` holds at least the header and the fixed
 * part. Throws `smb.answer` if the data lies outside.
 */
export function decodeReadHead(start: Uint8Array, length: number): ReadHead {
  const fields = new Fields(start, 'READ response', 'smb.answer').structure(RESPONSE_SIZE);
  const offset = fields.u8();
  const count = fields.skip(1).u32();
  if (count > 0 && (offset < READ_DATA_OFFSET || offset + count > length)) {
    throw fields.wrong(`${count} bytes of data at ${offset} in ${length} bytes`);
  }
  return { offset, length: count };
}

export const READ: SmbCommand<ReadRequest, ReadResponse> = {
  code: COMMAND.read,
  name: 'READ',

  encodeRequest({ flags, length, offset, fileId, minimum }) {
    const body = new Body(REQUEST_SIZE);
    body.u8(READ_DATA_OFFSET).u8(flags).u32(length).u64(offset).fileId(fileId);
    return body.u32(minimum).done();
  },

  decodeRequest(message) {
    const fields = new Fields(message, 'READ request', 'smb.request').structure(REQUEST_SIZE);
    const flags = fields.skip(1).u8();
    const length = fields.u32();
    return { flags, length, offset: fields.u64(), fileId: fields.fileId(), minimum: fields.u32() };
  },

  encodeResponse({ data }) {
    const body = new Body(RESPONSE_SIZE, data.length);
    body.u8(READ_DATA_OFFSET).u8(0).u32(data.length);
    body.part(data);
    return body.done();
  },

  decodeResponse(message) {
    const { offset, length } = decodeReadHead(message, message.length);
    const what = 'READ response';
    return {
      data: new Fields(message, what, 'smb.answer').part(offset, length, 'the data'),
    };
  },
};
