import { Body, utf16 } from '../protocol/body.ts';
import type { SmbCommand } from '../protocol/command.ts';
import { COMMAND } from '../protocol/constants.ts';
import { Fields, HEADER_BYTES } from '../protocol/fields.ts';

/*
 * TREE_CONNECT (MS-SMB2 2.2.9, 2.2.10).
 *
 *   request   u16 9, u16 flags, u16 offset and u16 length of the path; path, UTF-16: \\server\share
 *   response  u16 16, u8 type of the share, u8 0, u32 share flags, u32 capabilities, u32 maximal access
 */

const REQUEST_SIZE = 9;
const RESPONSE_SIZE = 16;
const MAX_PATH_BYTES = 2 * 1024;

export interface TreeConnectRequest {
  /** 3.1.1 only; 4 means that a context precedes the path, which is not supported. */
  readonly flags: number;
  /** `\\server\share` */
  readonly path: string;
}

export interface TreeConnectResponse {
  readonly shareType: number;
  readonly shareFlags: number;
  readonly capabilities: number;
  /** Access mask of the account to the root of the share. */
  readonly maximalAccess: number;
}

export const TREE_CONNECT: SmbCommand<TreeConnectRequest, TreeConnectResponse> = {
  code: COMMAND.treeConnect,
  name: 'TREE_CONNECT',

  encodeRequest({ flags, path }) {
    const text = utf16(path);
    const body = new Body(REQUEST_SIZE, text.length);
    body.u16(flags);
    body.u16(HEADER_BYTES + REQUEST_SIZE - 1).u16(text.length);
    body.part(text);
    return body.done();
  },

  decodeRequest(message) {
    const what = 'TREE_CONNECT request';
    const fields = new Fields(message, what, 'smb.request').structure(REQUEST_SIZE);
    const [flags, offset, length] = [fields.u16(), fields.u16(), fields.u16()];
    return { flags, path: fields.text(offset, length, 'the path', MAX_PATH_BYTES) };
  },

  encodeResponse({ shareType, shareFlags, capabilities, maximalAccess }) {
    const body = new Body(RESPONSE_SIZE);
    return body.u8(shareType).u8(0).u32(shareFlags).u32(capabilities).u32(maximalAccess).done();
  },

  decodeResponse(message) {
    const what = 'TREE_CONNECT response';
    const fields = new Fields(message, what, 'smb.answer').structure(RESPONSE_SIZE);
    const shareType = fields.u8();
    const shareFlags = fields.skip(1).u32();
    return { shareType, shareFlags, capabilities: fields.u32(), maximalAccess: fields.u32() };
  },
};
