import assert from 'node:assert/strict';
import { copyFile, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { newGuid } from '../../../../src/engine/base/guid.ts';
import { openDisk } from '../../../../src/engine/disk/chain/open-disk.ts';
import { runCli } from '../../../support/process/cli-io.ts';
import { makeImage } from '../../../support/disk/small-image.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

/** The parent that is taken. */
async function parentOf(child: string, ...search: string[]): Promise<string | undefined> {
  const { disk, chain } = await openDisk(child, { search }, never);
  await disk.close();
  return chain[1];
}

test('a file of the right name and another identity is passed over', async (t) => {
  const folder = await temporaryFolder(t);
  const child = join(folder, 'child.avhdx');
  const linkage = await makeImage(join(folder, 'base.vhdx'));
  await makeImage(child, { linkage, relativePath: '.\\wrong\\base.vhdx' });
  await makeImage(join(folder, 'wrong', 'base.vhdx'));
  assert.equal(await parentOf(child), join(folder, 'base.vhdx'));
  const away = join(folder, 'away');
  await mkdir(away);
  await rename(join(folder, 'base.vhdx'), join(away, 'base.vhdx'));
  await assert.rejects(parentOf(child), { code: 'disk.parent.mismatch', message: /wrong/ });
  assert.equal(await parentOf(child, away), join(away, 'base.vhdx'));
  // Not even a file that cannot be read as an image stands in the way.
  await writeFile(join(folder, 'base.vhdx'), 'no image of any kind');
  assert.equal(await parentOf(child, away), join(away, 'base.vhdx'));
  for (const command of ['info', 'map', 'hash', 'read']) {
    const words = ['disk', command, child, '--search', folder, '--search', away];
    assert.equal((await runCli(words)).status, 0, command);
  }
  const compared = ['disk', 'compare', child, child, '--search', away];
  assert.equal((await runCli(compared)).status, 0);
});

test('the search wins over the relative path, and finds its folders too', async (t) => {
  const folder = await temporaryFolder(t);
  const child = join(folder, 'incr', 'disk.avhdx');
  const here = join(folder, 'full', 'disk.vhdx');
  const linkage = await makeImage(here);
  await makeImage(child, { linkage, relativePath: '..\\full\\disk.vhdx' });
  const copy = join(folder, 'copies');
  await mkdir(join(copy, 'FULL'), { recursive: true });
  await copyFile(here, join(copy, 'FULL', 'disk.vhdx'));
  assert.equal(await parentOf(child), here);
  assert.equal(await parentOf(child, copy), join(copy, 'FULL', 'disk.vhdx'));
  // A search folder in which no file fits changes nothing.
  assert.equal(await parentOf(child, join(folder, 'incr')), here);
});

test('every name of a relative path is found regardless of case and Unicode form', async (t) => {
  const folder = await temporaryFolder(t);
  const child = join(folder, 'Kind', 'kind.avhdx');
  const names = ['Ma\u00dfnahmen', 'Fr\u00fchling \u00c9t\u00e9', 'Gr\u00f6\u00dfe.vhdx'];
  const base = join(folder, ...names.map((name) => name.normalize('NFD')));
  const linkage = await makeImage(base);
  const relative = names.map((name) => name.toLowerCase().normalize('NFC')).join('\\');
  await makeImage(child, { linkage, relativePath: `..\\kInD\\..\\${relative}` });
  const found = await parentOf(child);
  assert.equal(found?.normalize('NFC').toLowerCase(), base.normalize('NFC').toLowerCase());
});

test('of folders that differ in case only, the one with the right file is found', async (t) => {
  const folder = await temporaryFolder(t);
  const [one, two] = [join(folder, 'Full'), join(folder, 'full')];
  await mkdir(one);
  const both = await mkdir(two).then(
    () => true,
    () => false,
  );
  if (!both) return t.skip('the file system ignores case');
  const child = join(folder, 'child.avhdx');
  await makeImage(join(two, 'base.vhdx'));
  const linkage = await makeImage(join(one, 'base.vhdx'), undefined, undefined, newGuid());
  await makeImage(child, { linkage, relativePath: '.\\full\\base.vhdx' });
  assert.equal(await parentOf(child), join(one, 'base.vhdx'));
});
