import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import type { Range } from '../../base/range.ts';
import { RangeSet } from '../../base/range-set.ts';
import { pointFile } from '../store/contract/layout.ts';
import type { ChainLink } from '../points/point-chain.ts';
import type { Store } from '../store/contract/store.ts';

/**
 * Maximum file size, compressed or not. Larger files are skipped: the caller then only knows the
 * contents of the image.
 */
const MAX_PACKED = 64 * 2 ** 20;
const MAX_TEXT = 256 * 2 ** 20;

/**
 * Returns the ranges that the tracker reported as changed for one disk of a point, from the raw
 * answers kept with the point. The image itself may hold more, since partly changed blocks are
 * mostly stored whole. Returns undefined if there are no answers (an export), or they cannot be
 * read.
 */
export async function readChanges(
  store: Store,
  { point, disk }: ChainLink,
  signal: AbortSignal,
): Promise<RangeSet | undefined> {
  const { changesFile } = disk;
  if (changesFile === null || changesFile.size > MAX_PACKED) return undefined;
  const path = pointFile(point.manifest.vm.id, point.id, changesFile.file);
  try {
    const packed = await store.readFile(path, MAX_PACKED, signal);
    if (packed === undefined) return undefined;
    if (createHash('sha256').update(packed).digest('hex') !== changesFile.sha256) return undefined;
    const text = gunzipSync(packed, { maxOutputLength: MAX_TEXT }).toString('utf8');
    return RangeSet.of(rangesOf(text, disk.virtualSize));
  } catch {
    // Verification reports damaged answers. The contents of the image can still be shown.
    signal.throwIfAborted();
    return undefined;
  }
}

/**
 * Yields the ranges of all answers, clipped to the disk. Throws if the text is not a list of
 * answers.
 */
function* rangesOf(text: string, virtualSize: number): Generator<Range> {
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const { ranges } = JSON.parse(line) as { readonly ranges: readonly (readonly number[])[] };
    for (const [start = NaN, length = NaN] of ranges) {
      const end = Math.min(start + length, virtualSize);
      if (!(start >= 0 && length >= 0)) throw new Error('The tracker’s answers cannot be read');
      if (start < end) yield { start, end };
    }
  }
}
