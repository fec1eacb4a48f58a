import { isEngineError } from '../../../base/errors.ts';
import type { ByteSource } from '../../../source/byte-source.ts';
import type { VhdxDefect } from '../structures/vhdx-defect.ts';

/** A structure to read, and its name in messages. */
export interface Part {
  readonly what: string;
  readonly offset: number;
  readonly length: number;
  readonly section: string;
}

/**
 * Reads up to `length` bytes of a structure. That the file ends earlier, or cannot be read there,
 * becomes a defect.
 */
export async function readPart(
  source: ByteSource,
  { what, offset, length, section }: Part,
  defects: VhdxDefect[],
  signal: AbortSignal,
): Promise<Uint8Array> {
  const there = Math.max(0, Math.min(length, source.size - offset));
  const bytes = new Uint8Array(there);
  const about = { structure: what, offset, section, expected: length } as const;
  try {
    if (there > 0) await source.read(offset, bytes, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!isEngineError(error)) throw error;
    defects.push({ ...about, code: error.code, found: 'unreadable', text: error.message });
    return new Uint8Array(0);
  }
  if (there < length) {
    const text = `${what} needs ${length} bytes at ${offset}; the file ends at ${source.size}`;
    defects.push({ ...about, code: 'vhdx.truncated', error: 'vhdx.truncated', found: there, text });
  }
  return bytes;
}
