import { createHash } from 'node:crypto';
import { ByteReader } from '../base/byte-reader.ts';
import type { ByteSource } from '../source/byte-source.ts';
import { DIGEST_SIZE, pageCount, pageNodes, topLevel, type TreeShape } from './hash-shape.ts';
import {
  HEADER_SIZE,
  INDEX_ENTRY_SIZE,
  TRAILER_SIZE,
  checkHeader,
  damaged,
  pageKey,
  pageOfKey,
  parseTrailer,
  type PageAddress,
} from './hash-tree-format.ts';

/** How much of an index is read at once. */
const INDEX_PIECE = 64 * 1024 * INDEX_ENTRY_SIZE;

/** One opened `.hashes` file: its index is in memory, its pages are read when asked for. */
export interface HashFile {
  readonly name: string;
  readonly root: string;
  /** '' for the file of a full. */
  readonly parentRoot: string;
  /** The pages that the file says something of, in rising order. */
  pages(): Iterable<PageAddress>;
  /** What this file says of a page: its bytes, that it is zero, or nothing (ask the parent's file). */
  page(level: number, page: number, signal: AbortSignal): Promise<Uint8Array | 'zero' | undefined>;
}

/**
 * Opens and checks header, trailer and index; the bytes of pages are proven later, against the page
 * above. The index takes 16 bytes of memory for each page of the file. `hashes.damaged`, `hashes.version`.
 */
export async function openHashFile(
  source: ByteSource,
  shape: TreeShape,
  signal: AbortSignal,
): Promise<HashFile> {
  const { name, size } = source;
  if (size < HEADER_SIZE + TRAILER_SIZE) throw damaged(name, size, `it has ${size} bytes only`);
  const header = new Uint8Array(HEADER_SIZE);
  await source.read(0, header, signal);
  checkHeader(header, shape.virtualSize, name);
  const tail = new Uint8Array(TRAILER_SIZE);
  await source.read(size - TRAILER_SIZE, tail, signal);
  const trailer = parseTrailer(tail, size, name);
  const most = allPages(shape);
  if (trailer.indexCount > most) {
    throw damaged(name, size, `an index of ${trailer.indexCount} pages; the tree has ${most}`);
  }
  const keys = new Float64Array(trailer.indexCount);
  const offsets = new Float64Array(trailer.indexCount);
  const hash = createHash('sha256');
  for (let done = 0; done < keys.length;) {
    const count = Math.min(keys.length - done, INDEX_PIECE / INDEX_ENTRY_SIZE);
    const at = trailer.indexOffset + done * INDEX_ENTRY_SIZE;
    const bytes = new Uint8Array(count * INDEX_ENTRY_SIZE);
    await source.read(at, bytes, signal);
    hash.update(bytes);
    const reader = new ByteReader(bytes, `${name}: index`);
    for (let i = done; i < done + count; i++) {
      keys[i] = reader.u64('page');
      offsets[i] = reader.u64('offset');
    }
    done += count;
  }
  if (!hash.digest().equals(trailer.indexHash)) {
    throw damaged(name, trailer.indexOffset, 'the index does not fit its SHA-256');
  }
  checkIndex(keys, offsets, trailer.indexOffset, shape, name);
  return {
    name,
    root: trailer.root,
    parentRoot: trailer.parentRoot,
    pages: function* () {
      for (const key of keys) yield pageOfKey(shape, key) as PageAddress;
    },
    page: async (level, page, signal) => {
      const i = find(keys, pageKey(level, page));
      if (i < 0) return undefined;
      const offset = offsets[i] as number;
      if (offset === 0) return 'zero';
      const bytes = new Uint8Array(pageNodes(shape, level, page) * DIGEST_SIZE);
      await source.read(offset, bytes, signal);
      return bytes;
    },
  };
}

function allPages(shape: TreeShape): number {
  let pages = 0;
  for (let level = 0; level <= topLevel(shape); level++) pages += pageCount(shape, level);
  return pages;
}

function checkIndex(
  keys: Float64Array,
  offsets: Float64Array,
  indexOffset: number,
  shape: TreeShape,
  name: string,
): void {
  for (let i = 0; i < keys.length; i++) {
    const at = indexOffset + i * INDEX_ENTRY_SIZE;
    const key = keys[i] as number;
    const address = pageOfKey(shape, key);
    if (address === undefined) throw damaged(name, at, `the tree has no page ${key}`);
    if (i > 0 && key <= (keys[i - 1] as number)) throw damaged(name, at, 'the index does not rise');
    const offset = offsets[i] as number;
    const end = offset + pageNodes(shape, address.level, address.page) * DIGEST_SIZE;
    if (offset !== 0 && (offset < HEADER_SIZE || end > indexOffset)) {
      throw damaged(name, at, `page ${key} at ${offset} lies outside the pages`);
    }
  }
}

/** Bisection; -1 where the key is not there. */
function find(keys: Float64Array, key: number): number {
  let low = 0;
  let high = keys.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = keys[middle] as number;
    if (found === key) return middle;
    if (found < key) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
