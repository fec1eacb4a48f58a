import assert from 'node:assert/strict';
import { mkdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { test } from 'node:test';
import { ensureFolder } from '../../../../src/engine/source/folders/folder.ts';
import { faultyFiles } from '../../../support/files/faulty-files.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

const windows = process.platform === 'win32';
const failing = (operation: string, code: string): ReturnType<typeof faultyFiles> =>
  faultyFiles({ fail: (name) => (name === operation ? code : undefined) });

test('many that make one folder at once all have it', async (t) => {
  const folder = join(await temporaryFolder(t), 'a', 'b', 'c', 'd');
  await Promise.all(Array.from({ length: 12 }, () => ensureFolder(folder)));
  assert.ok((await stat(folder)).isDirectory());
});

test('a folder that another process makes meanwhile is as good', async (t) => {
  const folder = join(await temporaryFolder(t), 'a');
  const environment = faultyFiles({ fail: () => undefined });
  const files = {
    ...environment.files,
    mkdir: async (path: string): Promise<never> => {
      await mkdir(path);
      throw Object.assign(new Error('EEXIST'), { code: 'EEXIST' });
    },
  };
  await ensureFolder(folder, { ...environment, files: files as typeof environment.files });
  assert.ok((await stat(folder)).isDirectory());
});

test('a file in the way is named as one, wherever it stands', async (t) => {
  const file = join(await temporaryFolder(t), 'file');
  await writeFile(file, 'x');
  await assert.rejects(ensureFolder(file), {
    code: 'source.notFolder',
    message: `Cannot make the folder ${file}: it is a file, not a folder`,
  });
  const below = join(file, 'a', 'b');
  await assert.rejects(ensureFolder(below), {
    code: 'source.notFolder',
    message: `Cannot make the folder ${below}: ${file} is a file, not a folder`,
  });
});

test('a folder that takes no folders ends it, and is named', { timeout: 20_000 }, async (t) => {
  const above = await temporaryFolder(t);
  const path = join(above, 'a', 'b');
  await assert.rejects(ensureFolder(path, failing('mkdir', 'ENOENT')), {
    code: 'source.denied',
    message: `Cannot make the folder ${path}: ${above} does not allow a folder “a” (ENOENT)`,
  });
});

test('a drive that is not there ends it, and is named', { timeout: 20_000 }, async (t) => {
  const path = join(await temporaryFolder(t), 'a');
  await assert.rejects(ensureFolder(path, failing('stat', 'ENOENT')), {
    code: 'source.notFound',
    message: `Cannot make the folder ${path}: ${parse(path).root} does not exist`,
  });
});

test('the root of a drive is a folder that is there', async () => {
  await ensureFolder(parse(process.cwd()).root);
});

test('a name that is too long is said to be that', { skip: windows }, async (t) => {
  const path = join(await temporaryFolder(t), 'n'.repeat(300));
  await assert.rejects(ensureFolder(path), { code: 'source.name', message: /name is too long/ });
});

test('a link to a folder is followed', { skip: windows }, async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'real'));
  await symlink('real', join(folder, 'link'));
  await ensureFolder(join(folder, 'link'));
  await ensureFolder(join(folder, 'link', 'a'));
  assert.ok((await stat(join(folder, 'real', 'a'))).isDirectory());
});

test('each folder that is made has the rights asked for', { skip: windows }, async (t) => {
  const folder = await temporaryFolder(t);
  await ensureFolder(join(folder, 'a', 'b'), undefined, 0o700);
  for (const path of ['a', join('a', 'b')]) {
    assert.equal((await stat(join(folder, path))).mode & 0o777, 0o700);
  }
});
