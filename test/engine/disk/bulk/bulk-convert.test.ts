import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { noProgress, type Progress } from '../../../../src/engine/base/progress.ts';
import { openDisk, type OpenedDisk } from '../../../../src/engine/disk/chain/open-disk.ts';
import {
  convertDisk,
  type Conversion,
  type ConvertOptions,
} from '../../../../src/engine/disk/convert/convert-disk.ts';
import { VhdxWriter } from '../../../../src/engine/disk/vhdx/write/vhdx-writer.ts';
import { createFilePart } from '../../../../src/engine/source/files/file-part.ts';
import { diskSha256 } from '../../../support/disk/disk-sha256.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';
import { CPU_PATHS, hasNative, withNative } from '../../../support/native/with-native.ts';

const MIB = 2 ** 20;

/** Data with zeros of every length around 4 and 64 KiB, at odd sectors. */
async function makeSource(folder: string): Promise<string> {
  const path = join(folder, 'source.vhdx');
  const part = await createFilePart(path, {}, never);
  const writer = new VhdxWriter(part, {
    size: 30 * MIB + 5 * 512,
    blockSize: MIB,
    marksZeros: true,
  });
  for (const start of [512, 2 * MIB + 4096, 5 * MIB + 512 * 77]) {
    const bytes = randomBytes(MIB + 512 * 31);
    for (let at = 3584, length = 512; at < bytes.length; at += 2 * length + 4096, length *= 2) {
      bytes.fill(0, at, at + length);
    }
    await writer.write(start, bytes, never);
  }
  await writer.write(9 * MIB, randomBytes(5 * 512), never);
  // Blocks of zeros at different places of larger blocks, some beside data.
  writer.zero(4 * MIB, MIB);
  writer.zero(7 * MIB, 2 * MIB);
  writer.zero(10 * MIB, 17 * MIB);
  await writer.complete(never);
  return path;
}

/** The parts of the disk by kind, without their places in the file. */
async function kindsOf(path: string): Promise<readonly string[]> {
  const { disk } = await openDisk(path, {}, never);
  const kinds: string[] = [];
  let last = '';
  try {
    for await (const { start, kind } of disk.extents({ start: 0, end: disk.size }, never)) {
      // Data of neighbouring blocks comes in two parts if they lie apart in the file.
      if (kind !== last) kinds.push(`${start} ${kind}`);
      last = kind;
    }
  } finally {
    await disk.close();
  }
  return kinds;
}

async function convert(
  source: string,
  target: string,
  options: ConvertOptions,
  change: (opened: OpenedDisk) => OpenedDisk = (opened) => opened,
): Promise<{ readonly result: Conversion; readonly advanced: number }> {
  const opened = await openDisk(source, {}, never);
  let advanced = 0;
  const progress: Progress = { ...noProgress, advance: (bytes) => (advanced += bytes) };
  try {
    const result = await convertDisk(change(opened), target, options, progress, never);
    return { result, advanced };
  } finally {
    await opened.disk.close();
  }
}

/** The same disk; reads through Node throw, so the library has to read it. */
function unread(opened: OpenedDisk): OpenedDisk {
  const read = (): Promise<void> => Promise.reject(new Error('read without the library'));
  const disk = new Proxy(opened.disk, {
    get: (target, key) => {
      if (key === 'read') return read;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  return { ...opened, disk };
}

const TARGETS: readonly (readonly [string, ConvertOptions])[] = [
  ['out.raw', { replace: true }],
  ['out.vhdx', { replace: true, subformat: 'fixed' }],
  ['out.vhdx', { replace: true }],
  ['out.vhdx', { replace: true, subformat: 'dynamic', blockSize: 2 * MIB }],
  ['out.vhd', { replace: true, subformat: 'fixed' }],
];

for (const [name, options] of TARGETS) {
  const { subformat = '', blockSize = '' } = options;
  test(`a conversion to ${name} ${subformat} ${blockSize} gives the same file and numbers with the library and without`, async (t) => {
    if (!(await hasNative(t))) return;
    const folder = await temporaryFolder(t);
    const vhdx = await makeSource(folder);
    const sources = [vhdx];
    for (const [format, how] of [
      ['vhd', undefined],
      ['raw', undefined],
    ] as const) {
      const path = join(folder, `source.${format}`);
      await convert(vhdx, path, { replace: false, subformat: how });
      sources.push(path);
    }
    for (const source of sources) {
      const target = join(folder, name);
      const expected = await withNative('off', () => convert(source, target, options));
      const { size } = await stat(target);
      const hash = await diskSha256(target);
      const kinds = await kindsOf(target);
      if (source === vhdx && target.endsWith('vhdx') && subformat !== 'fixed') {
        assert.ok(kinds.join().includes('zero'), kinds.join());
      }
      for (const setting of ['portable', CPU_PATHS.at(-1) as string]) {
        const found = await withNative(setting, () => convert(source, target, options, unread));
        const id = { diskId: expected.result.diskId };
        assert.deepEqual({ ...found.result, ...id }, expected.result, `${source} ${setting}`);
        assert.equal(found.advanced, expected.advanced, 'progress');
        assert.equal((await stat(target)).size, size);
        assert.equal(await diskSha256(target), hash, `${source} ${setting}`);
        assert.deepEqual(await kindsOf(target), kinds, `${source} ${setting}`);
      }
    }
  });
}
