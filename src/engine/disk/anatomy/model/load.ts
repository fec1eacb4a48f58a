import type { ByteSource } from '../../../source/byte-source.ts';
import { vhdxError } from '../../vhdx/structures/vhdx-errors.ts';
import type { Findings } from './findings.ts';

/** The bytes of a structure, up to the end of the file. */
export interface Loaded {
  readonly bytes: Uint8Array;
  readonly whole: boolean;
}

/** Reads up to `length` bytes. A file that ends earlier, or cannot be read there, is a finding. */
export async function load(
  source: ByteSource,
  offset: number,
  length: number,
  what: string,
  findings: Findings,
  signal: AbortSignal,
): Promise<Loaded> {
  const there = Math.max(0, Math.min(length, source.size - offset));
  const bytes = new Uint8Array(there);
  try {
    if (there > 0) await source.read(offset, bytes, signal);
    if (there < length) {
      throw vhdxError(
        'vhdx.truncated',
        `${what} needs ${length} bytes at ${offset}; the file ends at ${source.size}`,
        { data: { offset, needed: length, size: source.size } },
      );
    }
    return { bytes, whole: true };
  } catch (error) {
    signal.throwIfAborted();
    findings.caught(error, offset);
    return { bytes, whole: false };
  }
}
