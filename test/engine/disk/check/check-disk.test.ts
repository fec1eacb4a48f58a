import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { DiskCheck } from '../../../../src/engine/api/disk-check.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { newGuid } from '../../../../src/engine/base/guid.ts';
import { checkDisk } from '../../../../src/engine/disk/check/check-disk.ts';
import { VhdxEditor } from '../../../../src/engine/disk/vhdx/edit/vhdx-editor.ts';
import { MIB } from '../../../../src/engine/disk/vhdx/structures/layout.ts';
import { createVhdx } from '../../../../src/engine/disk/vhdx/write/create-vhdx.ts';
import { MemoryStorage } from '../../../support/files/memory-source.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

const SIZE = 8 * MIB;

async function image(
  file: string,
  change: (editor: VhdxEditor) => Promise<void>,
  options: Partial<Parameters<typeof createVhdx>[1]> = {},
): Promise<void> {
  const storage = new MemoryStorage();
  await createVhdx(storage, { size: SIZE, blockSize: MIB, ...options }, never);
  const editor = await VhdxEditor.open(storage, never);
  await change(editor);
  await editor.close();
  await writeFile(file, storage.contents());
}

const codes = ({ findings }: DiskCheck): string[] => findings.map(({ code }) => code).sort();
const chain = (file: string): Promise<DiskCheck> => checkDisk(file, { chain: true }, never);
const guid = newGuid();
const parent = { linkage: guid, relativePath: '.\\base.vhdx' };
const nothing = async (): Promise<void> => undefined;

test('a chain: another child, hidden data and a larger child are told; the parent must be there', async (t) => {
  const folder = await temporaryFolder(t);
  const [base, child] = [join(folder, 'base.vhdx'), join(folder, 'child.avhdx')];
  await image(child, (editor) => editor.zero(0, MIB, never), { parent, size: 2 * SIZE });
  assert.deepEqual(codes(await chain(child)), ['disk.parent.missing']);
  assert.deepEqual(codes(await checkDisk(child, {}, never)), []);
  const storage = new MemoryStorage();
  await createVhdx(storage, { size: SIZE, blockSize: MIB, dataWriteGuid: guid }, never);
  await writeFile(base, storage.contents());
  assert.deepEqual(codes(await chain(child)), ['disk.chain.size']);
  await image(join(folder, 'other.avhdx'), nothing, { parent });
  const twins = await chain(child);
  assert.deepEqual(codes(twins), ['disk.chain.siblings', 'disk.chain.size']);
  assert.match(
    twins.findings.find(({ code }) => code === 'disk.chain.siblings')?.fix ?? '',
    /merge/,
  );
  await image(base, (editor) => editor.write(0, new Uint8Array(MIB).fill(1), never));
  const changed = await chain(child);
  assert.deepEqual(codes(changed), ['disk.parent.mismatch']);
  assert.equal(changed.findings[0]?.severity, 'error');
});

test('zero blocks that hide data of the parent are told', async (t) => {
  const folder = await temporaryFolder(t);
  const [base, child] = [join(folder, 'base.vhdx'), join(folder, 'child.avhdx')];
  const storage = new MemoryStorage();
  await createVhdx(storage, { size: SIZE, blockSize: MIB }, never);
  const editor = await VhdxEditor.open(storage, never);
  await editor.write(0, new Uint8Array(2 * MIB).fill(1), never);
  const { dataWriteGuid } = editor;
  await editor.close();
  await writeFile(base, storage.contents());
  const link = { linkage: dataWriteGuid, relativePath: '.\\base.vhdx' };
  await image(child, (each) => each.zero(MIB, 3 * MIB, never), { parent: link });
  const { findings } = await chain(child);
  assert.deepEqual(
    findings.map(({ code, range }) => [code, range]),
    [['disk.chain.hidden', { start: MIB, length: MIB }]],
  );
});
