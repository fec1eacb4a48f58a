import assert from 'node:assert/strict';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { openListed } from '../../../../src/engine/disk/chain/open-listed.ts';
import { FileSource } from '../../../../src/engine/source/files/file-source.ts';
import { makeImage } from '../../../support/disk/small-image.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

/** Opens listed files; `opened` gets the path of each file that was opened. */
async function first(files: readonly [string, ...string[]], opened: string[]): Promise<number> {
  const open = (file: string): Promise<FileSource> => {
    opened.push(file);
    return FileSource.open(file, never);
  };
  const { disk, chain } = await openListed(files, { format: 'vhdx', open }, never);
  try {
    assert.deepEqual(chain, files);
    const byte = new Uint8Array(1);
    await disk.read(0, byte, never);
    return byte[0] as number;
  } finally {
    await disk.close();
  }
}

test('the parents are those of the list: no path inside of an image selects a file', async (t) => {
  const folder = await temporaryFolder(t);
  const at = (name: string): string => join(folder, name);
  const linkage = await makeImage(at('listed.vhdx'), undefined, 7);
  // The child names a file that exists beside it and has the right identity too.
  await copyFile(at('listed.vhdx'), at('named.vhdx'));
  await makeImage(at('child.avhdx'), { linkage, relativePath: 'named.vhdx' });
  const opened: string[] = [];
  assert.equal(await first([at('child.avhdx'), at('listed.vhdx')], opened), 7);
  assert.deepEqual(opened, [at('child.avhdx'), at('listed.vhdx')]);
});

test('each link is checked by its identity, and the list must be as long as the chain', async (t) => {
  const folder = await temporaryFolder(t);
  const at = (name: string): string => join(folder, name);
  const linkage = await makeImage(at('base.vhdx'), undefined, 7);
  await makeImage(at('other.vhdx'), undefined, 8);
  await makeImage(at('child.avhdx'), { linkage, relativePath: 'base.vhdx' });
  for (const [files, code] of [
    [[at('child.avhdx'), at('other.vhdx')], 'disk.parent.mismatch'],
    [[at('child.avhdx')], 'disk.parent.missing'],
    [[at('base.vhdx'), at('other.vhdx')], 'disk.parent.mismatch'],
    [[at('child.avhdx'), at('gone.vhdx')], 'source.notFound'],
  ] as const) {
    const opened: string[] = [];
    await assert.rejects(first(files, opened), { code }, files.join());
    assert.ok(opened.every((file) => (files as readonly string[]).includes(file)));
  }
});
