import { Buffer } from 'node:buffer';
import type { StartLength } from '../../../../base/range.ts';
import { TooFewCredits } from '../../../smb/client/connection/credits.ts';
import { getLbaStatus, readCapacity16 } from '../../codec/scsi/cdb.ts';
import { rsvdError } from '../../contract/rsvd-errors.ts';
import type { RsvdHandle } from '../handle/rsvd-handle.ts';
import { sendCommand } from './scsi-command.ts';

/*
 * Allocation of a virtual disk by SCSI (SBC-3 5.5, 5.16), big-endian.
 *
 *   READ CAPACITY(16)   u64 last block, u32 bytes of a block, u8, u8, u8 with LBPME (128) and LBPRZ (64), …
 *   GET LBA STATUS      u32 length of what follows, u32 0, then rows: u64 block, u32 blocks, u8 with the status
 *                       in its low 4 bits (0 mapped, 1 deallocated, 2 anchored), 3 bytes 0
 */
const CAPACITY_BYTES = 32;
const THIN_AT = 14;
/** Blocks can be unmapped (LBPME), and unmapped ones read as zeros (LBPRZ). */
const THIN = 0xc0;
const STATUS_BYTES = 64 * 1024;
const HEAD = 8;
const ROW = 16;
const DEALLOCATED = 1;
/** Maximum number of exchanges for one disk: sixteen million rows. */
const MAX_EXCHANGES = 4096;

/**
 * Yields the parts of a disk that the device calls deallocated and that read as zeros, in order and
 * without overlaps. Throws `rsvd.sense`, `rsvd.failed` if it does not report them: then nothing is known.
 * It is UNCONFIRMED which servers do, and whether they do for snapshots.
 */
export async function* unmappedParts(
  handle: RsvdHandle,
  { size, sector }: { readonly size: number; readonly sector: number },
  signal: AbortSignal,
): AsyncGenerator<StartLength> {
  const what = 'Querying the allocation of';
  const { path } = handle;
  const fail = (why: string): Error =>
    rsvdError('rsvd.failed', `${what} ${path}: ${why}`, { data: { path } });
  const ask = async (cdb: Buffer, room: number): Promise<Buffer> => {
    const command = { cdb, direction: 'fromDevice', data: Buffer.alloc(room), what } as const;
    try {
      return await sendCommand(handle, command, signal);
    } catch (error) {
      // A list costs two credits.
      if (error instanceof TooFewCredits) throw fail('the server grants too few credits');
      throw error;
    }
  };
  const capacity = await ask(readCapacity16(CAPACITY_BYTES), CAPACITY_BYTES);
  if (capacity.length <= THIN_AT || ((capacity[THIN_AT] ?? 0) & THIN) !== THIN) {
    throw fail('the device does not say that deallocated blocks are zeros');
  }
  let exchanges = 0;
  for (let at = 0; at < size;) {
    if (++exchanges > MAX_EXCHANGES) throw fail(`it has more than ${MAX_EXCHANGES} lists of parts`);
    const answer = await ask(getLbaStatus(BigInt(at / sector), STATUS_BYTES), STATUS_BYTES);
    const before = at;
    for (const { start, length, status } of rowsOf(answer, sector)) {
      if (start !== at || length <= 0) break;
      const part = { start, length: Math.min(length, size - at) };
      if (status === DEALLOCATED) yield part;
      at += part.length;
    }
    if (at === before) throw fail(`it makes no progress at ${at}`);
  }
}

function* rowsOf(
  answer: Buffer,
  sector: number,
): Generator<StartLength & { readonly status: number }> {
  if (answer.length < HEAD) return;
  const end = Math.min(answer.length, 4 + answer.readUInt32BE(0));
  for (let row = HEAD; row + ROW <= end; row += ROW) {
    yield {
      start: Number(answer.readBigUInt64BE(row)) * sector,
      length: answer.readUInt32BE(row + 8) * sector,
      status: answer.readUInt8(row + 12) & 15,
    };
  }
}
