import { Buffer } from 'node:buffer';
import { smbError, type Sender } from '../../contract/smb-errors.ts';
import { FLAG } from './constants.ts';
import { Fields, HEADER_BYTES } from './fields.ts';

/*
 * The header of each message (MS-SMB2 2.2.1).
 *
 *    0  FE 'SMB'          12  u16 command        36  u32 tree      } asynchronous:
 *    4  u16 size, 64      14  u16 credits        32  u64 async id  } instead of both
 *    6  u16 charge        16  u32 flags          40  u64 session
 *    8  u32 status, or    20  u32 next command   48  signature, 16 bytes
 *       u16 channel       24  u64 message id
 */

const PROTOCOL_ID = 0x424d_53fe;
export const SIGNATURE_OFFSET = 48;
export const SIGNATURE_BYTES = 16;

export interface SmbHeader {
  readonly creditCharge: number;
  /** NTSTATUS of a response; of a request the number of the channel, most often 0. */
  readonly status: number;
  readonly command: number;
  /** Credits that a client asks for, or that a server grants. */
  readonly credits: number;
  readonly flags: number;
  /** Offset of the next message of a compound; 0 for the last one. */
  readonly nextCommand: number;
  readonly messageId: bigint;
  /** Only with the flag `async`; the tree is absent then, and 0. */
  readonly asyncId?: bigint | undefined;
  readonly treeId: number;
  readonly sessionId: bigint;
}

/** Returns the 64 bytes of a header with an empty signature. */
export function encodeHeader(header: SmbHeader): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeUInt32LE(PROTOCOL_ID, 0);
  bytes.writeUInt16LE(HEADER_BYTES, 4);
  bytes.writeUInt16LE(header.creditCharge, 6);
  bytes.writeUInt32LE(header.status, 8);
  bytes.writeUInt16LE(header.command, 12);
  bytes.writeUInt16LE(header.credits, 14);
  bytes.writeUInt32LE(header.flags >>> 0, 16);
  bytes.writeUInt32LE(header.nextCommand, 20);
  bytes.writeBigUInt64LE(header.messageId, 24);
  if (header.asyncId === undefined) bytes.writeUInt32LE(header.treeId, 36);
  else bytes.writeBigUInt64LE(header.asyncId, 32);
  bytes.writeBigUInt64LE(header.sessionId, 40);
  return bytes;
}

/** Returns a whole message. */
export function encodeMessage(header: SmbHeader, ...body: readonly Uint8Array[]): Buffer {
  return Buffer.concat([encodeHeader(header), ...body]);
}

/** Decodes the header at the start of `bytes`, which may be longer. Throws the code of the sender. */
export function decodeHeader(bytes: Uint8Array, sender: Sender): SmbHeader {
  const fields = new Fields(bytes, 'SMB header', sender, 0);
  const protocol = fields.u32();
  if (protocol !== PROTOCOL_ID) {
    throw fields.wrong(`it begins with ${describeProtocol(protocol)}, expected FE 'SMB'`);
  }
  const size = fields.u16();
  if (size !== HEADER_BYTES) throw fields.wrong(`StructureSize is ${size}, expected 64`);
  if (bytes.length < HEADER_BYTES) throw fields.wrong(`it has ${bytes.length} bytes of 64`);
  const creditCharge = fields.u16();
  const status = fields.u32();
  const [command, credits] = [fields.u16(), fields.u16()];
  const [flags, nextCommand] = [fields.u32(), fields.u32()];
  const messageId = fields.u64();
  const isAsync = (flags & FLAG.async) !== 0;
  const asyncId = isAsync ? fields.u64() : undefined;
  const treeId = isAsync ? 0 : fields.skip(4).u32();
  const sessionId = fields.u64();
  return {
    creditCharge,
    status,
    command,
    credits,
    flags,
    nextCommand,
    messageId,
    asyncId,
    treeId,
    sessionId,
  };
}

/** Kind of a message by its first four bytes. Throws the code of the sender for any other. */
export function kindOfMessage(bytes: Uint8Array, sender: Sender): 'plain' | 'encrypted' {
  const [first] = bytes;
  const named = bytes[1] === 0x53 && bytes[2] === 0x4d && bytes[3] === 0x42;
  if (named && first === 0xfe) return 'plain';
  if (named && first === 0xfd) return 'encrypted';
  const found = bytes.length < 4 ? `${bytes.length} bytes` : describeStart(bytes);
  throw smbError(sender, `A message begins with ${found}, expected SMB 2 or 3`, {
    data: { found },
  });
}

function describeStart(bytes: Uint8Array): string {
  return describeProtocol(Buffer.from(bytes.subarray(0, 4)).readUInt32LE(0));
}

function describeProtocol(value: number): string {
  if (value === 0x424d_53ff) return "FF 'SMB' (SMB 1)";
  if (value === 0x424d_53fc) return "FC 'SMB' (a compressed message)";
  return `0x${value.toString(16).padStart(8, '0')}`;
}
