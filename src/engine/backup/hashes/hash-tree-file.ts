import { createHash } from 'node:crypto';
import { ByteReader } from '../../base/bytes/byte-reader.ts';
import type { ByteSource } from '../../source/byte-source.ts';
import { CachedSource } from '../../source/cached-source.ts';
import { LoadBudget } from '../../source/load-budget.ts';
import {
  DIGEST_SIZE,
  fanOutOf,
  pageCount,
  pageHash,
  pageNodes,
  topLevel,
  type TreeShape,
} from './hash-shape.ts';
import {
  HEADER_SIZE,
  TRAILER_SIZE,
  checkHeader,
  damaged,
  indexEntrySize,
  pageKey,
  pageOfKey,
  parseTrailer,
  type HashTrailer,
  type PageAddress,
} from './hash-tree-format.ts';

/** Number of index entries that are read at once. */
const INDEX_PIECE = 64 * 1024;
/** Size of the reads: neighbouring pages are usually needed together. */
const CACHE_PAGE = 32 * 1024;
const CACHE_BYTES = 8 * CACHE_PAGE;

/** A page of a tree, as read from a file. */
export interface HashPage {
  /** The page's nodes, 32 bytes each; read-only. */
  readonly bytes: Uint8Array;
  /** The {@link pageHash} of these bytes. */
  readonly hash: Uint8Array;
}

/** An open `.hashes` file: the index is in memory, pages are read on request. */
export interface HashFile {
  readonly name: string;
  readonly root: string;
  /** '' for the file of a full. */
  readonly parentRoot: string;
  /** Yields the pages in the file's index, in rising order. */
  pages(): Iterable<PageAddress>;
  /**
   * Returns the offset of a page in this file: 0 if it became zero; undefined if the index does not
   * have it (look in the parent's file).
   */
  placeOf(level: number, page: number): number | undefined;
  /** Reads the page at its offset in this file, which is not 0. */
  page(level: number, page: number, place: number, signal: AbortSignal): Promise<HashPage>;
}

/** The runs of pages that an index lists; version 1 has runs of one page. */
interface HashIndex {
  readonly keys: Float64Array;
  readonly offsets: Float64Array;
  readonly counts: Uint32Array;
}

/**
 * Opens a hash file and checks header, trailer and index. Pages are verified later, against the
 * page above. The index takes 20 bytes of memory for each run of pages. Throws `hashes.damaged`,
 * `hashes.version`.
 */
export async function openHashFile(
  source: ByteSource,
  shape: TreeShape,
  signal: AbortSignal,
): Promise<HashFile> {
  const { name, size } = source;
  if (size < HEADER_SIZE + TRAILER_SIZE) throw damaged(name, size, `it has only ${size} bytes`);
  const header = new Uint8Array(HEADER_SIZE);
  await source.read(0, header, signal);
  checkHeader(header, shape, name);
  const tail = new Uint8Array(TRAILER_SIZE);
  await source.read(size - TRAILER_SIZE, tail, signal);
  const trailer = parseTrailer(tail, size, shape, name);
  const index = await readIndex(source, trailer, shape, signal);
  checkIndex(index, trailer.indexOffset, shape, name);
  const cached = new CachedSource(source, {
    pageSize: CACHE_PAGE,
    budget: new LoadBudget(CACHE_BYTES),
  });
  /** Pages of a file that is in memory, by their level and offset. */
  const held = new Map<number, HashPage>();
  return {
    name,
    root: trailer.root,
    parentRoot: trailer.parentRoot,
    pages: function* () {
      for (const [i, key] of index.keys.entries()) {
        for (let n = 0; n < (index.counts[i] as number); n++) {
          yield pageOfKey(shape, key + n) as PageAddress;
        }
      }
    },
    placeOf: (level, page) => placeOf(index, shape, level, page),
    page: async (level, page, place, signal) => {
      const length = pageNodes(shape, level, page) * DIGEST_SIZE;
      const key = pageKey(level, place);
      const known = held.get(key);
      if (known?.bytes.length === length) return known;
      const inMemory = source.view?.(place, length);
      if (inMemory !== undefined) {
        // Each tree of the chain verifies the page against its own parent page; the hash is
        // computed once.
        const found = { bytes: inMemory, hash: pageHash(level, inMemory) };
        held.set(key, found);
        return found;
      }
      const bytes = new Uint8Array(length);
      // Pages of leaves are neighbours, so they are read through the cache. A page of a higher
      // level follows the 256 below it, and nothing near it is needed.
      await (level === 0 ? cached : source).read(place, bytes, signal);
      return { bytes, hash: pageHash(level, bytes) };
    },
  };
}

async function readIndex(
  source: ByteSource,
  { indexOffset, indexCount, indexHash }: HashTrailer,
  shape: TreeShape,
  signal: AbortSignal,
): Promise<HashIndex> {
  const { name } = source;
  const most = allPages(shape);
  if (indexCount > most) {
    throw damaged(
      name,
      source.size,
      `an index of ${indexCount} entries; the tree has ${most} pages`,
    );
  }
  const keys = new Float64Array(indexCount);
  const offsets = new Float64Array(indexCount);
  const counts = new Uint32Array(indexCount).fill(1);
  const entry = indexEntrySize(shape);
  const hash = createHash('sha256');
  for (let done = 0; done < indexCount;) {
    const count = Math.min(indexCount - done, INDEX_PIECE);
    const bytes = new Uint8Array(count * entry);
    await source.read(indexOffset + done * entry, bytes, signal);
    hash.update(bytes);
    const reader = new ByteReader(bytes, `${name}: index`);
    for (let i = done; i < done + count; i++) {
      keys[i] = reader.u64('page');
      offsets[i] = reader.u64('offset');
      if (shape.format.version === 1) continue;
      const pages = reader.u64('pages');
      if (pages < 1 || pages > most) {
        throw damaged(
          name,
          indexOffset + i * entry,
          `a run of ${pages} pages; the tree has ${most}`,
        );
      }
      counts[i] = pages;
    }
    done += count;
  }
  if (!hash.digest().equals(indexHash)) {
    throw damaged(name, indexOffset, 'the index does not match its SHA-256');
  }
  return { keys, offsets, counts };
}

function allPages(shape: TreeShape): number {
  let pages = 0;
  for (let level = 0; level <= topLevel(shape); level++) pages += pageCount(shape, level);
  return pages;
}

function checkIndex(index: HashIndex, indexOffset: number, shape: TreeShape, name: string): void {
  const { keys, offsets, counts } = index;
  let behind = 0;
  for (let i = 0; i < keys.length; i++) {
    const at = indexOffset + i * indexEntrySize(shape);
    const key = keys[i] as number;
    const count = counts[i] as number;
    const last = pageOfKey(shape, key + count - 1);
    if (last === undefined || last.page < count - 1) {
      throw damaged(name, at, `the tree has no ${count} pages from ${key} on`);
    }
    if (key < behind) throw damaged(name, at, 'the index is not in rising order');
    behind = key + count;
    const offset = offsets[i] as number;
    const end =
      offset +
      ((count - 1) * fanOutOf(shape, last.level) + pageNodes(shape, last.level, last.page)) *
        DIGEST_SIZE;
    if (offset !== 0 && (offset < HEADER_SIZE || end > indexOffset)) {
      throw damaged(name, at, `page ${key} at ${offset} lies outside the pages`);
    }
  }
}

/**
 * Returns the file offset of a page, 0 if it became zero, undefined if the file does not have it.
 */
function placeOf(
  { keys, offsets, counts }: HashIndex,
  shape: TreeShape,
  level: number,
  page: number,
): number | undefined {
  const key = pageKey(level, page);
  const i = lastNotAfter(keys, key);
  if (i < 0) return undefined;
  const within = key - (keys[i] as number);
  if (within >= (counts[i] as number)) return undefined;
  const offset = offsets[i] as number;
  return offset === 0 ? 0 : offset + within * fanOutOf(shape, level) * DIGEST_SIZE;
}

/**
 * Returns the index of the last key that is not greater, by binary search; -1 if all are greater.
 */
function lastNotAfter(keys: Float64Array, key: number): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] as number) <= key) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
