import assert from 'node:assert/strict';
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc, { thinned } from '../../../support/checks/properties.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import {
  machine,
  type FileEnvironment,
} from '../../../../src/engine/source/platform/file-environment.ts';
import { createFilePart } from '../../../../src/engine/source/files/file-part.ts';
import { PAGE, PageBuffers } from '../../../../src/engine/source/page-buffers.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

const KIB = 1024;
const onLinux = { skip: process.platform === 'linux' ? false : 'direct I/O is used on Linux only' };

interface Watched {
  readonly environment: FileEnvironment;
  /** Lengths of the writes that went past the cache. */
  readonly direct: number[];
}

/** The machine's files; `refuse` is asked before each direct write, and its error thrown in place of it. */
function watched(refuse: (write: number) => Error | undefined = () => undefined): Watched {
  const direct: number[] = [];
  const open: typeof machine.files.open = async (path, flags, mode) => {
    const handle = await machine.files.open(path, flags, mode);
    if (typeof flags !== 'number' || (flags & constants.O_DIRECT) === 0) return handle;
    return new Proxy(handle, {
      get: (object, key) => {
        if (key === 'write') {
          return async (...args: Parameters<FileHandle['write']>) => {
            const error = refuse(direct.length);
            if (error !== undefined) throw error;
            direct.push(Number(args[2]));
            return object.write(...args);
          };
        }
        const value: unknown = Reflect.get(object, key, object);
        return typeof value === 'function' ? (value.bind(object) as unknown) : value;
      },
    });
  };
  return { environment: { ...machine, files: { ...machine.files, open } }, direct };
}

const invalid = (): Error =>
  Object.assign(new Error('EINVAL: invalid argument'), { code: 'EINVAL' });

/** What is written: whole pages of an aligned buffer, or any bytes of an ordinary one, each at a place of its own. */
const pieces = fc.array(
  fc.record({
    gap: fc.nat({ max: 3 }),
    pages: fc.integer({ min: 1, max: 160 }),
    aligned: fc.boolean(),
    fill: fc.integer({ min: 1, max: 255 }),
  }),
  { minLength: 1, maxLength: 12 },
);

for (const [kind, refuse] of [
  ['that takes direct writes', () => undefined],
  ['that refuses all of them', invalid],
  ['that refuses them from the third on', (write: number) => (write < 2 ? undefined : invalid())],
] as const) {
  test(`a file part holds what was written, on a file system ${kind}`, onLinux, async (t) => {
    const folder = await temporaryFolder(t);
    let number = 0;
    await fc.assert(
      fc.asyncProperty(pieces, async (list) => {
        const { environment } = watched(refuse);
        const path = join(folder, `${number++}`);
        const part = await createFilePart(path, { environment }, never);
        const buffers = new PageBuffers(160 * PAGE, list.length);
        const wanted = Buffer.alloc(list.length * 164 * PAGE);
        let at = 0;
        const writes = list.map(({ gap, pages, aligned, fill }) => {
          // Odd places and lengths beside whole pages: the two ways never share a page.
          const length = pages * PAGE - (aligned ? 0 : 100);
          const offset = at + gap * PAGE + (aligned ? 0 : 50);
          at += (gap + pages) * PAGE;
          const bytes = aligned ? buffers.take().subarray(0, length) : Buffer.alloc(length);
          wanted.fill(fill, offset, offset + length);
          return part.write(offset, bytes.fill(fill), never);
        });
        await Promise.all(writes);
        await part.complete(wanted.length, never);
        assert.ok((await readFile(path)).equals(wanted));
      }),
      { numRuns: thinned(25) },
    );
  });
}

test(
  'large aligned writes go past the cache; small, odd and ordinary ones go through it',
  onLinux,
  async (t) => {
    const { environment, direct } = watched();
    const path = join(await temporaryFolder(t), 'file');
    const part = await createFilePart(path, { environment }, never);
    const bytes = new PageBuffers(1024 * KIB, 1).take().fill(7);
    await part.write(0, bytes, never);
    await part.write(1024 * KIB, bytes.subarray(0, 256 * KIB), never);
    if (direct.length === 0) t.diagnostic('this file system has no direct I/O');
    else assert.deepEqual(direct, [1024 * KIB, 256 * KIB]);
    const before = direct.length;
    await part.write(2048 * KIB, bytes.subarray(0, 64 * KIB), never);
    await part.write(3072 * KIB + 512, bytes.subarray(0, 512 * KIB), never);
    await part.write(4096 * KIB, bytes.subarray(512, 512 * KIB + 512), never);
    await part.write(5120 * KIB, Buffer.alloc(512 * KIB, 7), never);
    assert.equal(direct.length, before);
    await part.complete(6144 * KIB, never);
    const written = await readFile(path);
    assert.equal(
      written.reduce((count, byte) => count + (byte === 7 ? 1 : 0), 0),
      (1024 + 256 + 64 + 3 * 512) * KIB,
    );
  },
);

test(
  'a direct write that fails is a failure, not tried again through the cache',
  onLinux,
  async (t) => {
    const full = Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
    const { environment } = watched(() => full);
    const path = join(await temporaryFolder(t), 'file');
    const part = await createFilePart(path, { environment }, never);
    const bytes = new PageBuffers(512 * KIB, 1).take().fill(7);
    await assert.rejects(part.write(0, bytes, never), { code: 'source.full' });
    await part.abandon();
  },
);
