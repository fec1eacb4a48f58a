import { nbdError } from '../contract/nbd-errors.ts';
import {
  DATA_HEAD_BYTES,
  decodeBlockStatus,
  decodeDataHead,
  decodeError,
  decodeHole,
  DESCRIPTOR_BYTES,
  HOLE_BYTES,
  MAX_ERROR_BYTES,
} from '../codec/chunks.ts';
import { CHUNK, CHUNK_DONE, CHUNK_ERROR_BIT } from '../codec/constants.ts';
import {
  CHUNK_LENGTH_BYTES,
  decodeReplyStart,
  REPLY_START_BYTES,
  type ChunkStart,
  type SimpleReply,
} from '../codec/reply.ts';
import type { NbdWire } from '../wire/nbd-wire.ts';
import type { Negotiated } from './negotiate.ts';
import type { PendingReply } from './pending-reply.ts';

/** Descriptors of one reply: 1 MiB, as much as other clients accept. */
const MAX_STATUS_BYTES = 4 + DESCRIPTOR_BYTES * 2 ** 17;

/**
 * Receives replies and gives them to the requests that wait, until the connection ends. Throws
 * why: `nbd.lost`, or `nbd.answer` at the first reply that breaks the protocol.
 * @param waiting requests by handle; those that are answered are removed.
 */
export async function receiveReplies(
  wire: NbdWire,
  negotiated: Negotiated,
  waiting: Map<bigint, PendingReply>,
): Promise<never> {
  for (;;) {
    const start = decodeReplyStart(await wire.read(REPLY_START_BYTES));
    const pending = waiting.get(start.handle);
    if (pending === undefined) {
      const text = `The NBD server answered request ${start.handle}, which was not sent`;
      throw nbdError('nbd.answer', text, { data: { handle: String(start.handle) } });
    }
    const last =
      start.kind === 'simple'
        ? await receiveSimple(wire, start, pending, negotiated)
        : await receiveChunk(wire, start, pending, negotiated);
    if (!last) continue;
    pending.finish();
    waiting.delete(start.handle);
  }
}

/** A simple reply is always the last: it is the only one. */
async function receiveSimple(
  wire: NbdWire,
  { error }: SimpleReply,
  pending: PendingReply,
  { structured }: Negotiated,
): Promise<true> {
  if (error !== 0) {
    pending.refuse(error, '');
    return true;
  }
  if (structured || !pending.isRead) throw pending.wrong('a simple one instead of chunks');
  await receiveBytes(wire, pending, pending.start, pending.request.length);
  return true;
}

async function receiveChunk(
  wire: NbdWire,
  { type, flags }: ChunkStart,
  pending: PendingReply,
  negotiated: Negotiated,
): Promise<boolean> {
  if (!negotiated.structured) throw pending.wrong('chunks that were not agreed on');
  const length = (await wire.read(CHUNK_LENGTH_BYTES)).readUInt32BE();
  const last = (flags & CHUNK_DONE) !== 0;
  await receivePayload(wire, type, length, pending, negotiated);
  if (type === CHUNK.none && !last) throw pending.wrong('an empty chunk that is not the last');
  return last;
}

async function receivePayload(
  wire: NbdWire,
  type: number,
  length: number,
  pending: PendingReply,
  { allocation }: Negotiated,
): Promise<void> {
  const within = (least: number, most: number): void => {
    if (length >= least && length <= most) return;
    const range = least === most ? `${least}` : `${least} to ${most}`;
    throw pending.wrong(`a chunk of type ${type} with ${length} bytes, expected ${range}`);
  };
  if (type === CHUNK.none) within(0, 0);
  else if (type === CHUNK.offsetData) {
    within(DATA_HEAD_BYTES + 1, DATA_HEAD_BYTES + pending.request.length);
    const offset = decodeDataHead(await wire.read(DATA_HEAD_BYTES));
    await receiveBytes(wire, pending, offset, length - DATA_HEAD_BYTES);
  } else if (type === CHUNK.offsetHole) {
    within(HOLE_BYTES, HOLE_BYTES);
    const hole = decodeHole(await wire.read(HOLE_BYTES));
    pending.claim(hole.offset, hole.length);
    pending.clear(hole.offset, hole.length);
  } else if (type === CHUNK.blockStatus && allocation !== undefined) {
    within(4 + DESCRIPTOR_BYTES, MAX_STATUS_BYTES);
    pending.describe(decodeBlockStatus(await wire.read(length), allocation));
  } else if ((type & CHUNK_ERROR_BIT) !== 0) {
    within(6, MAX_ERROR_BYTES);
    const { error, message } = decodeError(await wire.read(length));
    pending.refuse(error, message);
  } else throw pending.wrong(`a chunk of the unknown type ${type}`);
}

async function receiveBytes(
  wire: NbdWire,
  pending: PendingReply,
  offset: number,
  length: number,
): Promise<void> {
  pending.claim(offset, length);
  await wire.pass(length, (bytes, at) => pending.put(bytes, offset + at));
}
