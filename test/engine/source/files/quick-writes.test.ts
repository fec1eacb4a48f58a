import assert from 'node:assert/strict';
import type { FileHandle } from 'node:fs/promises';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import type { PartWriter } from '../../../../src/engine/source/byte-source.ts';
import { createFilePart } from '../../../../src/engine/source/files/file-part.ts';
import { isLocalFolder } from '../../../../src/engine/source/files/local-files.ts';
import { QuickWrites } from '../../../../src/engine/source/files/quick-writes.ts';
import {
  machine,
  type FileEnvironment,
} from '../../../../src/engine/source/platform/file-environment.ts';
import { freshTurn } from '../../../support/process/on-this-thread.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

const KIB = 1024;

type WriteNow = NonNullable<FileEnvironment['writeNow']>;

const really: WriteNow = (handle, bytes, position) =>
  machine.writeNow?.(handle, bytes, position) ?? 0;

interface Watched {
  readonly part: PartWriter;
  readonly folder: string;
  readonly path: string;
  /** What was asked of the file, in order; `now` on this thread. */
  readonly log: string[];
  /** Writes through other threads end no sooner. */
  gate: Promise<unknown>;
}

/** A file part in a local folder; undefined, with the test skipped, if this machine has none. */
async function watchedPart(
  t: TestContext,
  writeNow: WriteNow = really,
): Promise<Watched | undefined> {
  const folder = await temporaryFolder(t);
  if (!(await isLocalFolder(folder))) {
    t.skip('temporary files do not lie in a local file system');
    return undefined;
  }
  const log: string[] = [];
  const state = { gate: Promise.resolve() as Promise<unknown> };
  const environment: FileEnvironment = {
    ...machine,
    writeNow: (handle, bytes, position) => {
      log.push(`now ${bytes.length}`);
      return writeNow(handle, bytes, position);
    },
    files: {
      ...machine.files,
      open: async (path, flags, mode) => {
        const handle = await machine.files.open(path, flags, mode);
        return flags === 'wx' ? watchedHandle(handle, log, state) : handle;
      },
    },
  };
  const path = join(folder, 'a.bin');
  const part = await createFilePart(path, { environment }, never);
  return Object.assign(state, { part, folder, path, log });
}

const LOGGED = new Set(['write', 'truncate', 'sync', 'close']);

function watchedHandle(
  handle: FileHandle,
  log: string[],
  state: { readonly gate: Promise<unknown> },
): FileHandle {
  return new Proxy(handle, {
    get: (object, key) => {
      const value: unknown = Reflect.get(object, key, object);
      if (typeof value !== 'function') return value;
      if (typeof key !== 'string' || !LOGGED.has(key)) return value.bind(object) as unknown;
      return async (...args: unknown[]): Promise<unknown> => {
        log.push(key === 'write' ? `write ${String(args[2])}` : key);
        if (key === 'write') await state.gate;
        const answer: unknown = await value.apply(object, args);
        if (key === 'write') log.push('written');
        return answer;
      };
    },
  });
}

/**
 * Writes on a turn of the event loop that has just begun. A busy computer may stop the process in it for longer than a turn lasts, so bytes
 * that were written elsewhere are written again, at most a thousand times. The log is that of the last time.
 */
async function writeFresh(file: Watched, offset: number, bytes: Uint8Array): Promise<void> {
  for (let i = 0; i < 1000; i++) {
    file.log.length = 0;
    await freshTurn();
    await file.part.write(offset, bytes, never);
    if (file.log[0]?.startsWith('now') === true) return;
  }
}

test('writes of up to 64 KiB are made on this thread, longer ones on others, and all bytes arrive', async (t) => {
  const file = await watchedPart(t);
  if (file === undefined) return;
  await writeFresh(file, 0, Buffer.alloc(64 * KIB, 1));
  assert.deepEqual(file.log, [`now ${64 * KIB}`]);
  file.log.length = 0;
  await freshTurn();
  await file.part.write(64 * KIB, Buffer.alloc(64 * KIB + 1, 2), never);
  assert.deepEqual(file.log, [`write ${64 * KIB + 1}`, 'written']);
  await file.part.complete(128 * KIB + 1, never);
  const wanted = Buffer.concat([Buffer.alloc(64 * KIB, 1), Buffer.alloc(64 * KIB + 1, 2)]);
  assert.ok((await readFile(file.path)).equals(wanted));
});

test('the writes after slow ones go to other threads, and the next one stays', () => {
  const state = { duration: 0.05, now: 0 };
  const quick = new QuickWrites(
    (_handle, bytes) => {
      state.now += state.duration;
      return bytes.length;
    },
    { now: () => state.now, mayStay: () => true },
  );
  const write = (): number | undefined =>
    quick.tryWrite({ fd: 1 } as FileHandle, new Uint8Array(512), 0);
  assert.equal(write(), 512);
  state.duration = 1;
  for (const paused of [1, 2, 4]) {
    assert.equal(write(), 512);
    for (let i = 0; i < paused; i++) assert.equal(write(), undefined, `${i} of ${paused}`);
  }
  state.duration = 0.05;
  assert.equal(write(), 512);
});

test('a handle that is closed is not written through its old number', async () => {
  const quick = new QuickWrites(() => assert.fail('written'));
  await freshTurn();
  assert.equal(quick.tryWrite({ fd: -1 } as FileHandle, new Uint8Array(1), 0), undefined);
});

test('what a short write on this thread leaves is written by others', async (t) => {
  const file = await watchedPart(t, (handle, bytes, position) =>
    really(handle, bytes.subarray(0, 1000), position),
  );
  if (file === undefined) return;
  const bytes = Buffer.from(Uint8Array.from({ length: 4096 }, (_, i) => i % 251));
  await writeFresh(file, 512, bytes);
  assert.deepEqual(file.log, ['now 4096', 'write 3096', 'written']);
  await file.part.complete(512 + 4096, never);
  assert.ok((await readFile(file.path)).subarray(512).equals(bytes));
});

for (const [code, wanted] of [
  ['ENOSPC', 'source.full'],
  ['EIO', 'source.io'],
] as const) {
  test(`a write on this thread that fails with ${code} is ${wanted}, is not tried again, and leaves nothing`, async (t) => {
    const file = await watchedPart(t, () => {
      throw Object.assign(new Error(`${code}: injected`), { code });
    });
    if (file === undefined) return;
    await assert.rejects(writeFresh(file, 4096, Buffer.alloc(512)), {
      code: wanted,
      message: /512 bytes at 4096 of .*a\.bin/,
    });
    assert.deepEqual(file.log, ['now 512']);
    await file.part.abandon();
    assert.deepEqual(await readdir(file.folder), []);
  });
}

for (const end of ['abandon', 'complete'] as const) {
  test(`${end} closes the file after the last write that is under way, not before`, async (t) => {
    const file = await watchedPart(t);
    if (file === undefined) return;
    let open = (): void => undefined;
    file.gate = new Promise<void>((resolve) => (open = resolve));
    const long = 65 * KIB;
    const writes = [0, 1, 2].map((i) =>
      file.part.write(i * long, Buffer.alloc(long, i + 1), never),
    );
    const ended = end === 'abandon' ? file.part.abandon() : file.part.complete(3 * long, never);
    for (let i = 0; i < 20; i++) await turn();
    assert.deepEqual(file.log, Array<string>(3).fill(`write ${long}`));
    if (end === 'abandon') {
      await assert.rejects(file.part.write(0, Buffer.alloc(512), never), { code: 'source.closed' });
    }
    open();
    await Promise.all([...writes, ended]);
    const last = end === 'abandon' ? ['close'] : ['truncate', 'sync', 'close'];
    assert.deepEqual(file.log.slice(3), ['written', 'written', 'written', ...last]);
    if (end === 'abandon') assert.deepEqual(await readdir(file.folder), []);
    else assert.equal((await readFile(file.path)).at(-1), 3);
  });
}
