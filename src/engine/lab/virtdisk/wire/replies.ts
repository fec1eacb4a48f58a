import { ByteWriter } from '../../../base/bytes/byte-writer.ts';
import type { Range } from '../../../base/range.ts';

/** Kinds of replies, as in native/doubles/lab-link.h. */
const KIND = { progress: 0, result: 1, endProcess: 2 } as const;

/** Encodes the progress of a call that goes on. */
export function progressReply(current: number, total: number): Uint8Array {
  return new ByteWriter(20).u32(KIND.progress).u64(current).u64(total).bytes;
}

/** Encodes the result of a call: a Win32 error, 0 with a body. */
export function resultReply(code: number, body: Uint8Array = new Uint8Array()): Uint8Array {
  return new ByteWriter(8 + body.length).u32(KIND.result).u32(code).put(body).bytes;
}

/** Makes the calling process end at once, as a crash of the library does. */
export const endProcessReply = (): Uint8Array => new ByteWriter(4).u32(KIND.endProcess).bytes;

export const textBody = (text: string): Uint8Array =>
  new ByteWriter(text.length * 2).utf16(text).bytes;

/** An open image: the file through which the handle reads, and whether reads of it never end. */
export const openBody = (file: string, readsHang: boolean): Uint8Array =>
  new ByteWriter(4 + file.length * 2).u32(readsHang ? 1 : 0).utf16(file).bytes;

export function changesBody(processed: number, ranges: readonly Range[]): Uint8Array {
  const writer = new ByteWriter(12 + ranges.length * 16).u64(processed).u32(ranges.length);
  for (const { start, end } of ranges) writer.u64(start).u64(end - start);
  return writer.bytes;
}
