import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import {
  placeFile,
  removeReplaced,
} from '../../../../../src/engine/backup/restore/writer/writer-files.ts';
import { never } from '../../../../../src/engine/base/abort.ts';
import { temporaryFolder } from '../../../../support/files/temporary-folder.ts';

const OLD = {
  'web.vhdx': 'replaced',
  'web.vhdx.mrt': 'tracked of the replaced one',
  'web.vhdx.rct': 'tracked of the replaced one',
};

const contents = async (folder: string): Promise<Record<string, string>> => {
  const names = (await readdir(folder)).sort();
  const texts = names.map(async (name) => [name, await readFile(path.join(folder, name), 'utf8')]);
  return Object.fromEntries(await Promise.all(texts)) as Record<string, string>;
};

test('what Hyper-V tracked of a replaced disk is put aside and removed with it, also by a second try', async (t) => {
  const root = await temporaryFolder(t);
  const folder = path.join(root, 'disks');
  await mkdir(folder);
  for (const [name, text] of Object.entries(OLD)) await writeFile(path.join(folder, name), text);
  const disk = path.join(folder, 'web.vhdx');
  const aside = Object.entries(OLD).map(([name, text]) => [`${name}.refpoint-old`, text] as const);
  for (const text of ['restored', 'restored again']) {
    const from = path.join(root, 'staged');
    await writeFile(from, text);
    await placeFile(from, disk);
    assert.deepEqual(await contents(folder), Object.fromEntries([['web.vhdx', text], ...aside]));
    // As if the first try was registered for a moment, and Hyper-V tracked what it had placed.
    await writeFile(`${disk}.rct`, 'tracked of the first try');
  }
  await writeFile(path.join(root, 'staged'), 'restored');
  await placeFile(path.join(root, 'staged'), disk);
  const files = {
    pathOf: async (file: string): Promise<string> => file,
    reaches: async (): Promise<boolean> => true,
  } as unknown as Parameters<typeof removeReplaced>[1];
  await removeReplaced({ disks: [disk], config: [] }, files, never);
  assert.deepEqual(await contents(folder), { 'web.vhdx': 'restored' });
});
