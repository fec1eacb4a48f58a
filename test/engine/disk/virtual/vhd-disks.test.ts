import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { never } from '../../../../src/engine/base/abort.ts';
import { openDisk } from '../../../../src/engine/disk/chain/open-disk.ts';
import { createDisk, type CreateOptions } from '../../../../src/engine/disk/create/create-disk.ts';
import { formatNamed } from '../../../../src/engine/disk/formats/formats.ts';
import type { VirtualDisk } from '../../../../src/engine/disk/virtual/virtual-disk.ts';
import { FileStorage } from '../../../../src/engine/source/files/file-storage.ts';
import {
  SUITE_SIZE,
  SUITE_WRITES,
  virtualDiskSuite,
  type SuiteWrite,
} from '../../../conformance/virtual-disk-suite.ts';
import { soundSet } from '../../../support/disk/findings/vhds-victim.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

/** Creates an image, or a child of one, and writes into it. */
async function image(
  path: string,
  writes: readonly SuiteWrite[],
  { parentPath, ...options }: CreateOptions & { readonly parentPath?: string | undefined },
): Promise<void> {
  const parent = parentPath === undefined ? undefined : await openDisk(parentPath, {}, never);
  const size = parent === undefined ? SUITE_SIZE : undefined;
  const { format } = await createDisk(path, { size, parent, ...options }, never);
  await parent?.disk.close();
  const storage = await FileStorage.open(path, {}, never);
  const editor = await formatNamed(format).edits?.open(storage, never);
  assert.ok(editor !== undefined);
  for (const { start, bytes } of writes) await editor.write(start, bytes, never);
  await editor.close();
  await storage.close();
}

/** Each write lies in a layer of its own. Returns the path of the last one. */
async function chain(folder: string, ending: string): Promise<string> {
  let path: string | undefined;
  for (const [n, write] of SUITE_WRITES.entries()) {
    const parentPath = path;
    path = join(folder, `layer-${n}${ending}`);
    await image(path, [write], { parentPath });
  }
  return path ?? '';
}

const opened = async (path: string): Promise<VirtualDisk> => (await openDisk(path, {}, never)).disk;

for (const subformat of ['fixed', 'dynamic'] as const) {
  virtualDiskSuite(`a ${subformat} VHD`, async (t) => {
    const path = join(await temporaryFolder(t), 'disk.vhd');
    await image(path, SUITE_WRITES, { subformat });
    return opened(path);
  });
}

virtualDiskSuite('a dynamic VHD with blocks of 512 KiB', async (t) => {
  const path = join(await temporaryFolder(t), 'disk.vhd');
  await image(path, SUITE_WRITES, { subformat: 'dynamic', blockSize: 512 * 1024 });
  return opened(path);
});

virtualDiskSuite('a chain of VHDs with a write in each layer', async (t) =>
  opened(await chain(await temporaryFolder(t), '.vhd')),
);

virtualDiskSuite('a VHD Set whose backing file has parents', async (t) => {
  const folder = await temporaryFolder(t);
  const backing = await chain(folder, '.avhdx');
  const set = join(folder, 'set.vhds');
  await writeFile(set, soundSet(backing.split(/[\\/]/).at(-1)).bytes);
  return opened(set);
});
