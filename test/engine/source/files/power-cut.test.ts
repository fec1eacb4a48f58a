import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import {
  createFileExclusive,
  replaceFile,
} from '../../../../src/engine/source/files/atomic-file.ts';
import { createFilePart } from '../../../../src/engine/source/files/file-part.ts';
import { PageBuffers } from '../../../../src/engine/source/page-buffers.ts';
import { PowerCutFiles, type LeftFile } from '../../../support/files/power-cut-files.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

const bytesOf = (file: LeftFile | undefined): string | undefined =>
  file === undefined ? undefined : Buffer.from(file.bytes()).toString('latin1');

test('a file part that is written directly and through the cache is whole or absent after any loss of power', async (t) => {
  if (process.platform === 'win32') return t.skip('Windows flushes no folders');
  for (const durability of ['durable', 'whole'] as const) {
    const folder = await temporaryFolder(t);
    const files = new PowerCutFiles();
    const path = join(folder, 'a.vhdx');
    const options = { environment: files.environment, durability, flushEvery: 1 };
    const part = await createFilePart(path, options, never);
    const buffers = new PageBuffers(256 * 1024, 4);
    const wanted = Buffer.alloc(2_500_000);
    const put = (offset: number, bytes: Uint8Array): Promise<void> => {
      wanted.set(bytes, offset);
      return part.write(offset, bytes, never);
    };
    await put(0, text('head'));
    // Aligned: past the cache where the file system can. Several at once, and small ones between.
    await Promise.all(
      [1, 2, 3, 4].map(async (n) => {
        await put(n * 512 * 1024, buffers.take().fill(n));
        await put(n * 512 * 1024 - 100, text(`tail ${n}`));
      }),
    );
    await part.complete(wanted.length, never);
    const done = files.position;
    const whole = wanted.toString('latin1');
    const seen = new Set<string>();
    for (const { cut, variant, files: left } of files.cuts()) {
      const found = bytesOf(left.get(path));
      assert.ok(found === undefined || found === whole, `${durability}, ${cut}: ${variant}`);
      seen.add(found === undefined ? 'absent' : 'whole');
      if (cut < done || durability === 'whole') continue;
      assert.equal(found, whole, `${variant}: the file is there once it is complete`);
    }
    assert.deepEqual([...seen].sort(), ['absent', 'whole']);
  }
});

test('what replaces a file leaves the old or the new bytes after a loss of power, as its durability says', async (t) => {
  if (process.platform === 'win32') return t.skip('Windows flushes no folders');
  const [old, now] = ['old bytes', 'new and longer bytes'];
  for (const durability of ['durable', 'whole', 'passing'] as const) {
    const folder = await temporaryFolder(t);
    const files = new PowerCutFiles();
    const path = join(folder, 'state.json');
    await replaceFile(path, text(old), never, files.environment);
    const before = files.position;
    await replaceFile(path, text(now), never, files.environment, durability);
    const after = files.position;
    const seen = new Set<string | undefined>();
    for (const { cut, variant, files: left } of files.cuts()) {
      if (cut < before) continue;
      const found = bytesOf(left.get(path));
      seen.add(found);
      const what = `${durability}, ${cut} of ${after}: ${variant}: ${found}`;
      // A passing file may be anything, but its name never disappears.
      if (durability === 'passing') assert.notEqual(found, undefined, what);
      else assert.ok(found === old || found === now, what);
      if (durability === 'durable' && cut === after) assert.equal(found, now, what);
    }
    assert.ok(seen.has(old) && seen.has(now));
    assert.equal(seen.size > 2, durability === 'passing', [...seen].join());
  }
});

test('a small file that is created once is whole or absent after a loss of power', async (t) => {
  if (process.platform === 'win32') return t.skip('Windows flushes no folders');
  for (const links of [true, false]) {
    const folder = join(await temporaryFolder(t), 'x');
    await mkdir(folder);
    const files = new PowerCutFiles();
    const { environment } = files;
    if (!links) {
      environment.files.link = () =>
        Promise.reject(Object.assign(new Error('no links'), { code: 'EPERM' }));
    }
    const path = join(folder, 'point.chain.json');
    assert.equal(await createFileExclusive(path, text('made'), never, environment), true);
    const done = files.position;
    for (const { cut, variant, files: left } of files.cuts()) {
      const found = bytesOf(left.get(path));
      // Without links the name is reserved by an empty file.
      const possible = [undefined, 'made', ...(links ? [] : [''])];
      assert.ok(possible.includes(found), `${cut}: ${variant}: ${found}`);
      if (cut === done) assert.equal(found, 'made', variant);
    }
  }
});
