import assert from 'node:assert/strict';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import { searchedFile } from '../../../../src/engine/disk/contents/searched.ts';
import {
  searchBytes,
  type SearchResult,
} from '../../../../src/engine/disk/contents/search-bytes.ts';
import { FileSource } from '../../../../src/engine/source/files/file-source.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

const MIB = 2 ** 20;
const text = (word: string): Uint8Array => Buffer.from(word);

/** Searches a sparse file of 64 MiB that holds a word at these offsets. */
async function searched(
  folder: string,
  words: readonly (readonly [number, string])[],
  patterns: readonly Uint8Array[],
  options: { readonly from?: number; readonly most?: number } = {},
): Promise<SearchResult> {
  const path = join(folder, 'searched.bin');
  const file = await open(path, 'w');
  await file.truncate(64 * MIB);
  for (const [at, word] of words) await file.write(word, at);
  await file.close();
  const source = await FileSource.open(path, never, { local: true });
  const { from = 0, most = Infinity } = options;
  try {
    return await searchBytes(searchedFile(source), { patterns, from, most }, noProgress, never);
  } finally {
    await source.close();
  }
}

test('finds the first match from an offset on, across the borders of reads and in the last bytes', async (t) => {
  const folder = await temporaryFolder(t);
  for (const at of [0, 1, MIB - 3, 4 * MIB - 1, 64 * MIB - 6]) {
    const { match } = await searched(folder, [[at, 'needle']], [text('needle')]);
    assert.deepEqual(match, { offset: at, length: 6 });
  }
  const twice = [
    [5 * MIB, 'needle'],
    [7 * MIB, 'needle'],
  ] as const;
  const found = await searched(folder, twice, [text('needle')], { from: 5 * MIB + 1 });
  assert.equal(found.match?.offset, 7 * MIB);
  const none = await searched(folder, twice, [text('needles')]);
  assert.deepEqual(none, { match: undefined, end: 64 * MIB });
});

test('the first of several patterns counts; a match may begin or end in a hole', async (t) => {
  const folder = await temporaryFolder(t);
  const both = [
    [9 * MIB, 'two'],
    [8 * MIB, 'one'],
  ] as const;
  const first = await searched(folder, both, [text('two'), text('one')]);
  assert.deepEqual(first.match, { offset: 8 * MIB, length: 3 });
  const after = await searched(folder, both, [Buffer.from('one\0\0')]);
  assert.equal(after.match?.offset, 8 * MIB);
  const before = await searched(folder, both, [Buffer.from('\0\0one')]);
  assert.equal(before.match?.offset, 8 * MIB - 2);
  const zeros = await searched(folder, both, [Buffer.alloc(4)], { from: 8 * MIB });
  assert.equal(zeros.match?.offset, 8 * MIB + 3);
});

test('a search ends after a number of bytes, and goes on where it ended', async (t) => {
  const folder = await temporaryFolder(t);
  const words = [0, 10, 20, 30].map((at) => [at * MIB, at === 30 ? 'needle' : 'straw'] as const);
  // Holes cost nothing: only the four parts with data count.
  const part = await searched(folder, words, [text('needle')], { most: 2 * MIB });
  assert.equal(part.match, undefined);
  assert.ok(part.end > 0 && part.end <= 30 * MIB, String(part.end));
  const rest = await searched(folder, words, [text('needle')], { from: part.end });
  assert.equal(rest.match?.offset, 30 * MIB);
});
