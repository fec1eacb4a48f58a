import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../src/engine/base/abort.ts';
import { NIL_GUID, newGuid } from '../../../src/engine/base/guid.ts';
import { ReplayedSource } from '../../../src/engine/disk/vhdx/log/log-replay.ts';
import { encodeLogEntry } from '../../../src/engine/disk/vhdx/log/log-entry.ts';
import type { ByteSource } from '../../../src/engine/source/byte-source.ts';
import { CachedSource } from '../../../src/engine/source/cached-source.ts';
import { LoadBudget } from '../../../src/engine/source/load-budget.ts';
import { CountingSource } from '../../support/files/counting-source.ts';
import { FileSource } from '../../../src/engine/source/files/file-source.ts';
import { FileStorage } from '../../../src/engine/source/files/file-storage.ts';
import { MemoryStorage } from '../../support/files/memory-source.ts';
import { SliceSource } from '../../support/files/slice-source.ts';
import { sourceSuite } from '../../conformance/source-suite.ts';
import { temporaryFolder } from '../../support/files/temporary-folder.ts';

sourceSuite('MemoryStorage', async (_, bytes) => new MemoryStorage(bytes));
sourceSuite('SliceSource', async (_, bytes) => {
  const around = new Uint8Array(bytes.length + 150).fill(0xdd);
  around.set(bytes, 100);
  return new SliceSource(new MemoryStorage(around), { start: 100, end: 100 + bytes.length });
});
sourceSuite('CachedSource with two small pages', async (_, bytes) => {
  return new CachedSource(new MemoryStorage(bytes), {
    pageSize: 64,
    budget: new LoadBudget(64 * 2),
  });
});
sourceSuite('CachedSource with one page for everything', async (_, bytes) => {
  return new CachedSource(new MemoryStorage(bytes), {
    pageSize: 65_536,
    budget: new LoadBudget(65_536 * 1),
  });
});
sourceSuite('CountingSource', async (_, bytes) => new CountingSource(new MemoryStorage(bytes)));
sourceSuite('FileSource', async (t, bytes) => {
  const path = join(await temporaryFolder(t), 'a.bin');
  await writeFile(path, bytes);
  return FileSource.open(path, never);
});
sourceSuite('FileStorage', async (t, bytes) => {
  const path = join(await temporaryFolder(t), 'a.bin');
  await writeFile(path, bytes);
  return FileStorage.open(path, {}, never);
});
sourceSuite('a stack of all', async (_, bytes) => {
  const cached = new CachedSource(new MemoryStorage(bytes), {
    pageSize: 512,
    budget: new LoadBudget(512 * 4),
  });
  return new SliceSource(new CountingSource(cached), { start: 0, end: bytes.length });
});

test('a slice that does not lie in its source is refused', () => {
  const inner = new MemoryStorage(new Uint8Array(100));
  for (const [start, end] of [
    [0, 101],
    [-1, 50],
    [60, 50],
    [100, 200],
  ] as const) {
    assert.throws(() => new SliceSource(inner, { start, end }), { code: 'source.range' });
  }
});

test('a cache reads each page once while it is kept, and the least recently used goes first', async () => {
  const inner = new CountingSource(new MemoryStorage(new Uint8Array(1000)));
  const cached = new CachedSource(inner, { pageSize: 100, budget: new LoadBudget(100 * 2) });
  const touch = (page: number): Promise<void> =>
    cached.read(page * 100 + 50, new Uint8Array(1), never);
  await Promise.all([touch(0), touch(0), touch(1)]);
  assert.deepEqual([inner.reads, inner.readBytes], [2, 200]);
  await touch(0);
  await touch(2);
  await touch(0);
  assert.equal(inner.reads, 3);
  await touch(1);
  assert.equal(inner.reads, 4);
});

/** Reads fail, or hang until their reader gives up. */
class Stubborn implements ByteSource {
  readonly name = 'stubborn';
  readonly size = 1000;
  reads = 0;
  fail = false;

  async read(_: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    this.reads++;
    if (this.fail) throw new Error('a broken disk');
    if (signal === never) {
      into.fill(7);
      return;
    }
    await new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
  }

  async close(): Promise<void> {
    // Nothing is held.
  }
}

test('one reader of a cached page gives up, the other still gets it', async () => {
  const inner = new Stubborn();
  const cached = new CachedSource(inner, { pageSize: 100, budget: new LoadBudget(100 * 2) });
  const abort = new AbortController();
  const one = cached.read(0, new Uint8Array(10), abort.signal);
  const into = new Uint8Array(10);
  const two = cached.read(0, into, never);
  abort.abort();
  await assert.rejects(one, { name: 'AbortError' });
  await two;
  assert.deepEqual(into, new Uint8Array(10).fill(7));
  assert.equal(inner.reads, 2);
});

test('a failed read of a cached page fails all its readers and is tried again', async () => {
  const inner = new Stubborn();
  inner.fail = true;
  const cached = new CachedSource(inner, { pageSize: 100, budget: new LoadBudget(100 * 2) });
  const both = [0, 1].map(() => cached.read(0, new Uint8Array(10), never));
  for (const each of both) await assert.rejects(each, /broken/);
  assert.equal(inner.reads, 1);
  inner.fail = false;
  await cached.read(0, new Uint8Array(10), never);
});

test('memory that shrinks and grows again reads as zeros where it was cut', async () => {
  const storage = new MemoryStorage(new Uint8Array(100).fill(9));
  await storage.resize(10, never);
  await assert.rejects(storage.read(10, new Uint8Array(1), never), { code: 'source.range' });
  await storage.resize(200, never);
  await storage.write(150, Uint8Array.of(1), never);
  const wanted = new Uint8Array(200);
  wanted.fill(9, 0, 10);
  wanted[150] = 1;
  assert.deepEqual(storage.contents(), wanted);
});

/** A file whose log holds all of `bytes` as pages and zeros, over rubbish. */
async function replayed(bytes: Uint8Array): Promise<ByteSource> {
  const MIB = 2 ** 20;
  const start = 3 * MIB;
  const logGuid = newGuid();
  const writes = [];
  for (let at = 0; at < bytes.length; at += 4096) {
    const page = new Uint8Array(4096);
    page.set(bytes.subarray(at, at + 4096));
    writes.push({ kind: 'zero', offset: start + at, length: 4096 } as const);
    writes.push({ kind: 'page', offset: start + at, bytes: page } as const);
  }
  const common = { flushedFileOffset: 0, lastFileOffset: start + bytes.length };
  const entry = encodeLogEntry({ tail: 0, sequenceNumber: 9n, writes, ...common }, logGuid);
  const file = new Uint8Array(start + Math.min(bytes.length, 5000)).fill(0xdd);
  file.set(entry, MIB);
  const guids = { fileWriteGuid: NIL_GUID, dataWriteGuid: NIL_GUID, logGuid };
  const log = { logVersion: 0, version: 1, logLength: MIB, logOffset: MIB };
  const header = { sequenceNumber: 1n, ...guids, ...log };
  const source = await ReplayedSource.open(new MemoryStorage(file), header, never);
  return new SliceSource(source, { start, end: start + bytes.length });
}

sourceSuite('a file under its replayed log', (_, bytes) => replayed(bytes));
