import type { FileHandle } from 'node:fs/promises';

/** Bytes that one read takes. */
const CHUNK = 2 ** 20;

/** A line of a file with its place. */
export interface Line {
  readonly offset: number;
  /** Bytes without the line end. */
  readonly length: number;
  /** undefined: the line is longer than allowed. */
  readonly bytes: Buffer | undefined;
  /** The file ends before the line does. */
  readonly unfinished: boolean;
}

/**
 * Reads a file line by line from the start. Memory holds one chunk and one line of at most `most`
 * bytes.
 */
export async function* readLines(
  file: FileHandle,
  most: number,
  signal: AbortSignal,
): AsyncGenerator<Line> {
  const chunk = Buffer.allocUnsafe(CHUNK);
  let parts: Buffer[] = [];
  let [offset, length] = [0, 0];
  const taken = (unfinished: boolean): Line => {
    const bytes = length > most ? undefined : Buffer.concat(parts, length);
    return { offset, length, bytes, unfinished };
  };
  for (let at = 0; ;) {
    signal.throwIfAborted();
    const { bytesRead } = await file.read(chunk, 0, CHUNK, at);
    if (bytesRead === 0) break;
    at += bytesRead;
    for (let from = 0; from < bytesRead;) {
      const end = chunk.indexOf(0x0a, from);
      const ends = end >= 0 && end < bytesRead;
      const piece = chunk.subarray(from, ends ? end : bytesRead);
      length += piece.length;
      if (length <= most) parts.push(Buffer.from(piece));
      else parts = [];
      from += piece.length + (ends ? 1 : 0);
      if (!ends) continue;
      yield taken(false);
      [offset, length, parts] = [offset + length + 1, 0, []];
    }
  }
  if (length > 0) yield taken(true);
}
