import { isEngineError } from '../../base/errors.ts';
import type { ByteSource } from '../../source/byte-source.ts';
import type { Defect } from './defect.ts';
import type { Findings } from './findings.ts';

/** The bytes of a structure, up to the end of the file. */
export interface Loaded {
  readonly bytes: Uint8Array;
  readonly whole: boolean;
}

/** A structure to read. */
export interface Wanted {
  readonly offset: number;
  readonly length: number;
  /** Name in messages: `region table 1`. */
  readonly what: string;
  /** Code of the finding if the file ends earlier. */
  readonly code: string;
  readonly section: string;
}

/** Reads up to `length` bytes. A file that ends earlier, or cannot be read there, is a finding. */
export async function load(
  source: ByteSource,
  wanted: Wanted,
  findings: Findings,
  signal: AbortSignal,
): Promise<Loaded> {
  const { offset, length, what } = wanted;
  const there = Math.max(0, Math.min(length, source.size - offset));
  const bytes = new Uint8Array(there);
  try {
    if (there > 0) await source.read(offset, bytes, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!isEngineError(error)) throw error;
    findings.caught(error, offset);
    return { bytes, whole: false };
  }
  if (there === length) return { bytes, whole: true };
  findings.defects([truncated(wanted, source.size, what)]);
  return { bytes, whole: false };
}

function truncated({ code, offset, length, section }: Wanted, size: number, what: string): Defect {
  return {
    code,
    structure: what,
    offset,
    found: Math.max(0, size - offset),
    expected: length,
    section,
    text: `${what} needs ${length} bytes at ${offset}; the file ends at ${size}`,
  };
}
