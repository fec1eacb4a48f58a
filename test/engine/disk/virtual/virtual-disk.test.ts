import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { openDisk } from '../../../../src/engine/disk/chain/open-disk.ts';
import type { NewImageParent } from '../../../../src/engine/disk/vhdx/structures/image/image-head.ts';
import type { VirtualDisk } from '../../../../src/engine/disk/virtual/virtual-disk.ts';
import { createVhdx } from '../../../../src/engine/disk/vhdx/write/create-vhdx.ts';
import { VhdxEditor } from '../../../../src/engine/disk/vhdx/edit/vhdx-editor.ts';
import { FileStorage } from '../../../../src/engine/source/files/file-storage.ts';
import {
  SUITE_SIZE,
  SUITE_WRITES,
  virtualDiskSuite,
  type SuiteWrite,
} from '../../../conformance/virtual-disk-suite.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

const MIB = 2 ** 20;

async function image(
  path: string,
  blockSize: number,
  writes: readonly SuiteWrite[],
  parent?: NewImageParent,
): Promise<NewImageParent> {
  const storage = await FileStorage.open(path, { create: true }, never);
  const child = parent === undefined ? {} : { parent };
  await createVhdx(storage, { size: SUITE_SIZE, blockSize, ...child }, never);
  const editor = await VhdxEditor.open(storage, never);
  for (const { start, bytes } of writes) await editor.write(start, bytes, never);
  await editor.close();
  const linkage = editor.dataWriteGuid;
  await storage.close();
  return { linkage, relativePath: `.\\${path.split(/[\\/]/).at(-1) ?? ''}` };
}

const opened = async (path: string): Promise<VirtualDisk> => (await openDisk(path, {}, never)).disk;

virtualDiskSuite('a raw image', async (t) => {
  const path = join(await temporaryFolder(t), 'disk.raw');
  const file = await open(path, 'w');
  await file.truncate(SUITE_SIZE);
  for (const { start, bytes } of SUITE_WRITES) await file.write(bytes, 0, bytes.length, start);
  await file.close();
  return (await openDisk(path, { format: 'raw' }, never)).disk;
});

for (const blockSize of [MIB, 2 * MIB]) {
  virtualDiskSuite(`a dynamic VHDX with blocks of ${blockSize / MIB} MiB`, async (t) => {
    const path = join(await temporaryFolder(t), 'disk.vhdx');
    await image(path, blockSize, SUITE_WRITES);
    return opened(path);
  });
}

virtualDiskSuite('a chain with a write in each layer', (t) => chain(t));

/** Each write lies in a layer of its own, over the layers of the writes before it. */
async function chain(t: TestContext): Promise<VirtualDisk> {
  const folder = await temporaryFolder(t);
  let parent: NewImageParent | undefined;
  let path = '';
  for (const [n, write] of SUITE_WRITES.entries()) {
    path = join(folder, n === 0 ? 'base.vhdx' : `layer-${n}.avhdx`);
    parent = await image(path, n % 2 === 0 ? MIB : 2 * MIB, [write], parent);
  }
  return opened(path);
}
