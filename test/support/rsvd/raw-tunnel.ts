import { Buffer } from 'node:buffer';
import { never } from '../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../src/engine/base/errors.ts';
import { FSCTL } from '../../../src/engine/net/smb/codec/files/ioctl.ts';
import { READ } from '../../../src/engine/net/smb/codec/files/read.ts';
import { WRITE } from '../../../src/engine/net/smb/codec/files/write.ts';
import { joined } from '../../../src/engine/net/smb/client/wire/pieces.ts';
import { OPERATIONS, type OperationName } from '../../../src/engine/net/rsvd/codec/operations.ts';
import { TUNNEL } from '../../../src/engine/net/rsvd/codec/tunnel.ts';
import type { RsvdHandle } from '../../../src/engine/net/rsvd/client/handle/rsvd-handle.ts';

export interface Raw {
  /** Status in the header of SMB. */
  readonly smb: number;
  /** Status in the tunnel header; undefined if SMB failed. */
  readonly tunnel: number | undefined;
  readonly operation: number;
  readonly requestId: bigint;
  readonly payload: Buffer;
}

let requestId = 40n;

/** Sends any operation with any payload. */
export async function raw(
  handle: RsvdHandle,
  name: OperationName | number,
  payload: Buffer = Buffer.alloc(0),
  { most = 4096, control = undefined as number | undefined } = {},
): Promise<Raw> {
  const known = typeof name === 'number' ? undefined : OPERATIONS[name];
  const operation = known?.code ?? (name as number);
  requestId++;
  const input = Buffer.concat([TUNNEL.encode({ operation, status: 0, requestId }), payload]);
  return rawInput(handle, input, { most, control: control ?? known?.control ?? FSCTL.svhdxSync });
}

export async function rawInput(
  handle: RsvdHandle,
  input: Buffer,
  { most, control }: { readonly most: number; readonly control: number },
): Promise<Raw> {
  try {
    const found = await handle.control(control, input, most, 'Testing', never);
    const { status, operation, requestId } = TUNNEL.decode(found, 'smb.answer');
    const payload = found.subarray(TUNNEL.size);
    return { smb: 0, tunnel: status, operation, requestId, payload };
  } catch (error) {
    if (!isEngineError(error) || typeof error.data['status'] !== 'number') throw error;
    const smb = error.data['status'];
    return { smb, tunnel: undefined, operation: 0, requestId: 0n, payload: Buffer.alloc(0) };
  }
}

/** Reads and returns status and bytes. */
export async function rawRead(
  handle: RsvdHandle,
  offset: number,
  length: number,
): Promise<{ readonly status: number; readonly data: Buffer }> {
  const { tree, fileId } = handle.facts;
  const request = { flags: 0, length, offset: BigInt(offset), fileId, minimum: 0 };
  const { header, pieces } = await tree.request(READ, request, never, length);
  if (header.status !== 0) return { status: header.status, data: Buffer.alloc(0) };
  return { status: 0, data: READ.decodeResponse(joined(pieces)).data };
}

export async function rawWrite(handle: RsvdHandle, offset: number, data: Buffer): Promise<number> {
  const { tree, fileId } = handle.facts;
  const request = { offset: BigInt(offset), fileId, flags: 0, data };
  return (await tree.request(WRITE, request, never, data.length)).header.status;
}
