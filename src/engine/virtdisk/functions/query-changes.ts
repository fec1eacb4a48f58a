import type { StartLength } from '../../base/range.ts';
import type { WindowsHandle } from '../../win32/handles/windows-handle.ts';
import { wideText } from '../../win32/types/struct-bytes.ts';
import { layoutOf } from '../../win32/types/layout.ts';
import type { DriverChanges } from '../contract/virtual-disk.ts';
import { virtdiskError } from '../contract/virtdisk-errors.ts';
import { diskCallFailed } from '../library/call-error.ts';
import { handleCall } from '../library/disk-call.ts';
import { QUERY_CHANGES_VIRTUAL_DISK_RANGE } from '../types/virtdisk-types.ts';

const NAME = 'QueryChangesVirtualDisk';
/** VIRTUAL_DISK_MAXIMUM_CHANGE_TRACKING_ID_LENGTH */
export const MAX_RCT_ID = 256;
/** Number of ranges that one answer may have: the event loop waits while an answer is read. */
const CAPACITY = 16_384;
/** Bytes behind the ranges that must stay as they are. */
const GUARD = 4096;
const GUARD_BYTE = 0xa5;
/** Some drivers answer this instead of success if more is to come: UNCONFIRMED. */
const ERROR_MORE_DATA = 234;
/** The upper half of an offset below 2^53. */
const MAX_HIGH = 0x1f_ffff;

/**
 * QueryChangesVirtualDisk for one part of the disk. Returns the answer as it is, apart from what no
 * answer may do: fill more ranges than fit, or name bytes beyond 2^53 (`virtdisk.answer`).
 */
export async function queryChangesOnce(
  handle: WindowsHandle,
  query: { readonly rctId: string; readonly offset: number; readonly length: number },
  signal: AbortSignal,
): Promise<DriverChanges> {
  const { rctId, offset, length } = query;
  checkRctId(rctId);
  const { size } = layoutOf(QUERY_CHANGES_VIRTUAL_DISK_RANGE);
  const room = Buffer.allocUnsafeSlow(CAPACITY * size + GUARD);
  const guard = room.subarray(CAPACITY * size).fill(GUARD_BYTE);
  const count = Buffer.alloc(4);
  count.writeUInt32LE(CAPACITY);
  const processed = Buffer.alloc(8);
  const args = [wideText(rctId), offset, length, 0, room, count, processed];
  const number = await handleCall(handle, NAME, args, signal);
  if (number !== 0 && number !== ERROR_MORE_DATA) {
    throw diskCallFailed(NAME, number, handle.name, { rctId, offset, length });
  }
  const found = count.readUInt32LE(0);
  if (found > CAPACITY || !guard.every((byte) => byte === GUARD_BYTE)) {
    throw impossible(handle, `filled ${found} ranges; it had room for ${CAPACITY}`);
  }
  return {
    processed: numberOf(handle, processed.readUInt32LE(0), processed.readUInt32LE(4)),
    ranges: rangesOf(handle, room, found),
  };
}

/** Refuses ids that Windows would cut. Throws `virtdisk.argument`. */
function checkRctId(rctId: string): void {
  if (rctId !== '' && rctId.length <= MAX_RCT_ID && !rctId.includes('\0')) return;
  throw virtdiskError(
    'virtdisk.argument',
    `Not an ID of change tracking: expected 1 to ${MAX_RCT_ID} characters without NUL, found ${rctId.length}`,
    { data: { call: NAME, length: rctId.length } },
  );
}

function rangesOf(handle: WindowsHandle, room: Buffer, count: number): StartLength[] {
  const { size, fields } = layoutOf(QUERY_CHANGES_VIRTUAL_DISK_RANGE);
  const at = (field: string): number => (fields.get(field)?.offset ?? 0) / 4;
  // Halves of 32 bits: 64-bit integers of JavaScript take ten times as long.
  const halves = new Uint32Array(room.buffer, room.byteOffset, (count * size) / 4);
  const [start, length] = [at('ByteOffset'), at('ByteLength')];
  const ranges: StartLength[] = [];
  for (let base = 0; base < halves.length; base += size / 4) {
    ranges.push({
      start: numberOf(handle, halves[base + start] ?? 0, halves[base + start + 1] ?? 0),
      length: numberOf(handle, halves[base + length] ?? 0, halves[base + length + 1] ?? 0),
    });
  }
  return ranges;
}

function numberOf(handle: WindowsHandle, low: number, high: number): number {
  if (high > MAX_HIGH) throw impossible(handle, 'named bytes beyond any disk');
  return high * 2 ** 32 + low;
}

const impossible = (handle: WindowsHandle, what: string): Error =>
  virtdiskError('virtdisk.answer', `${NAME} ${what}, for ${handle.name}`, {
    data: { call: NAME, path: handle.name },
  });
