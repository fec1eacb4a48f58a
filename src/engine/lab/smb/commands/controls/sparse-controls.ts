import { Buffer } from 'node:buffer';
import { written } from '../../../../net/smb/codec/protocol/body.ts';
import { ACCESS } from '../../../../net/smb/codec/protocol/constants.ts';
import { Fields } from '../../../../net/smb/codec/protocol/fields.ts';
import { SERVER_STATUS as STATUS } from '../../contract/server-status.ts';
import { StatusError } from '../../contract/status-error.ts';
import { requireAccess } from '../../files/access-masks.ts';
import { contentsOf } from '../../files/contents-of.ts';
import type { Open } from '../../files/open.ts';
import { statusOfSystem } from '../../shares/locate.ts';

/** Zeros are written in pieces of this size. */
const PIECE = 1 << 20;
const RANGE_BYTES = 16;

/** FSCTL_SET_SPARSE (MS-FSCC 2.3.64): accepted; the lab's files never show as sparse. */
export function setSparse(open: Open): void {
  requireAccess(open.access, ACCESS.writeData, ACCESS.writeAttributes);
  contentsOf(open);
}

/** FSCTL_SET_ZERO_DATA (MS-FSCC 2.3.67): u64 start, u64 end. What lies behind the file is ignored. */
export async function zeroData(open: Open, input: Buffer): Promise<void> {
  requireAccess(open.access, ACCESS.writeData);
  const handle = contentsOf(open);
  if (input.length < 16) throw new StatusError(STATUS.invalidParameter);
  const fields = new Fields(input, 'SET_ZERO_DATA input', 'smb.request', 0);
  const [start, beyond] = [fields.size('FileOffset'), fields.size('BeyondFinalZero')];
  if (start > beyond) throw new StatusError(STATUS.invalidParameter);
  if (open.node?.locks.blocks(open, BigInt(start), BigInt(beyond - start), true) === true) {
    throw new StatusError(STATUS.fileLockConflict);
  }
  const end = Math.min(beyond, (await handle.stat()).size);
  const zeros = Buffer.alloc(Math.min(PIECE, Math.max(0, end - start)));
  try {
    for (let at = start; at < end; at += PIECE) {
      await handle.write(zeros, 0, Math.min(PIECE, end - at), at);
    }
  } catch (error) {
    throw new StatusError(statusOfSystem(error));
  }
}

/**
 * FSCTL_QUERY_ALLOCATED_RANGES (MS-FSCC 2.3.48): u64 offset, u64 length, also of each range of the answer.
 * A file that is not sparse is one range.
 */
export async function allocatedRanges(
  open: Open,
  input: Buffer,
  most: number,
): Promise<{ readonly output: Buffer; readonly more: boolean }> {
  requireAccess(open.access, ACCESS.readData);
  const handle = contentsOf(open);
  if (input.length < RANGE_BYTES) throw new StatusError(STATUS.invalidParameter);
  const fields = new Fields(input, 'QUERY_ALLOCATED_RANGES input', 'smb.request', 0);
  const [start, length] = [fields.size('FileOffset'), fields.size('Length')];
  const end = Math.min(start + length, (await handle.stat()).size);
  if (start >= end) return { output: Buffer.alloc(0), more: false };
  if (most < RANGE_BYTES) throw new StatusError(STATUS.bufferTooSmall);
  return { output: written(RANGE_BYTES, (to) => to.u64(start).u64(end - start)), more: false };
}
