import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import type { ByteSource } from '../../../../src/engine/source/byte-source.ts';
import { VirtualDiskSource } from '../../../../src/engine/virtdisk/image/virtual-disk-source.ts';
import { WindowsHandle } from '../../../../src/engine/win32/handles/windows-handle.ts';
import { sourceSuite } from '../../../conformance/source-suite.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';
import { openOverlapped } from '../../../support/win32/overlapped-file.ts';

const skip = process.platform === 'win32' ? false : 'needs Windows';

/** Opens a file as if it were an attached disk: the reads are the same. */
async function attached(
  t: TestContext,
  bytes: Uint8Array,
  sector: number,
): Promise<{ source: ByteSource; detached: () => number }> {
  const path = join(await temporaryFolder(t), 'disk.raw');
  await writeFile(path, bytes);
  const handle = openOverlapped(path);
  let detached = 0;
  const source = new VirtualDiskSource(handle, { size: bytes.length, sector }, async () => {
    detached++;
    // The folder is removed at the end of the test, so the file is closed with the source.
    await handle.close();
    assert.equal(WindowsHandle.openCount, 0);
  });
  return { source, detached: () => detached };
}

if (skip === false) {
  sourceSuite('VirtualDiskSource', async (t, bytes) => (await attached(t, bytes, 512)).source);
}

test('any part of a disk is read right, whatever its place and length', { skip }, async (t) => {
  const bytes = randomBytes(5 * 2 ** 20 + 8192);
  const { source } = await attached(t, bytes, 4096);
  const parts = [
    [0, 1],
    [1, 4095],
    [4095, 2],
    [0, 2 ** 20],
    [511, 2 ** 20],
    [2 ** 20 - 1, 2 ** 20 + 2],
    [100, 4 * 2 ** 20],
    [bytes.length - 1, 1],
    [0, bytes.length],
    [bytes.length, 0],
  ] as const;
  await Promise.all(
    parts.map(async ([offset, length]) => {
      const into = Buffer.alloc(length);
      await source.read(offset, into, never);
      assert.ok(into.equals(bytes.subarray(offset, offset + length)), `${offset}+${length}`);
    }),
  );
  await source.close();
});

test('many reads at once from a busy loop still let timers run', { skip }, async (t) => {
  const bytes = randomBytes(8 * 2 ** 20);
  const { source } = await attached(t, bytes, 512);
  let ticks = 0;
  const timer = setInterval(() => void ticks++, 1);
  const into = Buffer.alloc(65_536);
  const start = performance.now();
  for (let i = 0; performance.now() - start < 400; i = (i + 1) % 128) {
    await source.read(i * 65_536, into, never);
  }
  clearInterval(timer);
  assert.ok(ticks >= 10, `${ticks} ticks in 400 ms`);
  await source.close();
});

test('closing detaches once, and a closed disk refuses to be read', { skip }, async (t) => {
  const { source, detached } = await attached(t, randomBytes(4096), 512);
  await Promise.all([source.close(), source.close()]);
  assert.equal(detached(), 1);
  await assert.rejects(source.read(0, Buffer.alloc(1), never), { code: 'source.closed' });
});
