import type { Buffer } from 'node:buffer';
import { Body } from '../protocol/body.ts';
import type { SmbCommand } from '../protocol/command.ts';
import { COMMAND } from '../protocol/constants.ts';
import { Fields } from '../protocol/fields.ts';
import type { FileId } from '../protocol/file-id.ts';

/*
 * IOCTL (MS-SMB2 2.2.31, 2.2.32).
 *
 *   request   u16 57, u16 0, u32 code, file id, u32 offset and u32 length of the input, u32 most bytes of
 *             returned input, u32 offset and u32 length of the output, u32 most bytes of output, u32 flags,
 *             u32 0; input
 *   response  u16 49, u16 0, u32 code, file id, u32 offset and u32 length of the input, u32 offset and u32
 *             length of the output, u32 flags, u32 0; output
 */

const REQUEST_SIZE = 57;
const RESPONSE_SIZE = 49;

/** Codes of file system controls (MS-FSCC 2.3, MS-SMB2 2.2.31, MS-RSVD 2.2.2). */
export const FSCTL = {
  dfsGetReferrals: 0x0006_0194,
  dfsGetReferralsEx: 0x0006_01b0,
  setSparse: 0x0009_00c4,
  setZeroData: 0x0009_80c8,
  queryAllocatedRanges: 0x0009_40cf,
  getReparsePoint: 0x0009_00a8,
  validateNegotiateInfo: 0x0014_0204,
  queryNetworkInterfaces: 0x0014_01fc,
  requestResumeKey: 0x0014_0078,
  requestResiliency: 0x0014_01d4,
  enumerateSnapshots: 0x0014_4064,
  pipeTransceive: 0x0011_c017,
  querySharedVirtualDiskSupport: 0x0009_0300,
  svhdxSync: 0x0009_0304,
  svhdxAsync: 0x0009_0364,
  offloadRead: 0x0009_4264,
  offloadWrite: 0x0009_8268,
} as const;

/** Flag: a file system control, the only kind that servers accept. */
export const IS_FSCTL = 1;

export interface IoctlRequest {
  readonly code: number;
  readonly fileId: FileId;
  readonly input: Buffer;
  readonly maxInputResponse: number;
  readonly maxOutputResponse: number;
  readonly flags: number;
}

export interface IoctlResponse {
  readonly code: number;
  readonly fileId: FileId;
  readonly output: Buffer;
}

export const IOCTL: SmbCommand<IoctlRequest, IoctlResponse> = {
  code: COMMAND.ioctl,
  name: 'IOCTL',

  encodeRequest({ code, fileId, input, maxInputResponse, maxOutputResponse, flags }) {
    const body = new Body(REQUEST_SIZE, input.length);
    body.u16(0).u32(code).fileId(fileId);
    body.u32(body.part(input)).u32(input.length).u32(maxInputResponse);
    body.u32(0).u32(0).u32(maxOutputResponse).u32(flags);
    return body.done();
  },

  decodeRequest(message) {
    const fields = new Fields(message, 'IOCTL request', 'smb.request').structure(REQUEST_SIZE);
    const code = fields.skip(2).u32();
    const fileId = fields.fileId();
    const [inputOffset, inputLength, maxInputResponse] = [fields.u32(), fields.u32(), fields.u32()];
    const maxOutputResponse = fields.skip(8).u32();
    const flags = fields.u32();
    fields.skip(4);
    const input = fields.part(inputOffset, inputLength, 'the input');
    return { code, fileId, input, maxInputResponse, maxOutputResponse, flags };
  },

  encodeResponse({ code, fileId, output }) {
    const body = new Body(RESPONSE_SIZE, output.length);
    const offset = body.part(output);
    body.u16(0).u32(code).fileId(fileId);
    body.u32(offset).u32(0).u32(offset).u32(output.length);
    return body.done();
  },

  decodeResponse(message) {
    const fields = new Fields(message, 'IOCTL response', 'smb.answer').structure(RESPONSE_SIZE);
    const code = fields.skip(2).u32();
    const fileId = fields.fileId();
    const [outputOffset, outputLength] = [fields.skip(8).u32(), fields.u32()];
    fields.skip(8);
    return { code, fileId, output: fields.part(outputOffset, outputLength, 'the output') };
  },
};
