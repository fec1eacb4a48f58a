import type { Range } from '../../base/range.ts';
import type { LocatedRange } from '../../disk/virtual/virtual-disk.ts';
import type { CopyPiece } from './copy-pieces.ts';
import type { CopySource } from './copy-source.ts';

/** A piece and the places of its parts; undefined if each read looks them up. */
export interface LocatedPiece {
  readonly piece: CopyPiece;
  readonly located: readonly LocatedRange[] | undefined;
}

/** Maximum number of bytes of the disk that are looked up ahead. */
const AHEAD_BYTES = 64 * 2 ** 20;
/**
 * Parts that are looked up ahead for each request that may be in flight: the tables of a remote image
 * cost up to three requests one after another for each part.
 */
const AHEAD_PER_REQUEST = 2;

/**
 * Looks the parts of pieces of a slow source up in the tables of its image, ahead of the consumer, and
 * yields the pieces in order. Memory: about 16 MiB for an image that is fragmented to sectors, else far less.
 */
export async function* locatedPieces(
  pieces: Iterable<CopyPiece> | AsyncIterable<CopyPiece>,
  source: CopySource,
  window: { readonly requests: number; readonly grown: boolean },
  signal: AbortSignal,
): AsyncGenerator<LocatedPiece> {
  const ahead: { readonly piece: CopyPiece; readonly located: Promise<LocatedRange[]> }[] = [];
  let parts = 0;
  let bytes = 0;
  const isFull = (): boolean => parts > window.requests * AHEAD_PER_REQUEST || bytes > AHEAD_BYTES;
  const next = async (): Promise<LocatedPiece> => {
    const first = ahead.shift() as (typeof ahead)[number];
    parts -= first.piece.parts.length;
    bytes -= first.piece.end - first.piece.start;
    return { piece: first.piece, located: await first.located };
  };
  try {
    for await (const piece of pieces) {
      signal.throwIfAborted();
      if (!window.grown) {
        yield { piece, located: undefined };
        continue;
      }
      const located = Promise.all(piece.parts.map((part) => locate(source, part, signal)));
      // The failure is thrown when its turn comes; until then it must not count as unhandled.
      located.catch(() => undefined);
      ahead.push({ piece, located });
      parts += piece.parts.length;
      bytes += piece.end - piece.start;
      while (isFull()) yield await next();
    }
    while (ahead.length > 0) yield await next();
  } finally {
    await Promise.allSettled(ahead.map(({ located }) => located));
  }
}

async function locate(
  source: CopySource,
  { start, end }: Range,
  signal: AbortSignal,
): Promise<LocatedRange> {
  const found = await source.locate?.(start, end - start, signal);
  return found ?? { requests: 1, read: (into, late) => source.read(start, into, late) };
}
