import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import {
  machine,
  type FileEnvironment,
} from '../../../../src/engine/source/platform/file-environment.ts';
import { hasSparseFiles } from '../../../../src/engine/source/files/sparse-files.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

/** A file system that gives space to everything before the end of a file, as FAT does. */
const filling: FileEnvironment = {
  ...machine,
  files: {
    ...machine.files,
    open: async (path, ...rest) => {
      const handle = await machine.files.open(path, ...rest);
      const real = handle.write.bind(handle);
      const write = async (
        bytes: Buffer,
        at: number,
        length: number,
        place: number,
      ): Promise<unknown> => {
        await real(Buffer.alloc(place, 1), 0, place, 0);
        return real(bytes, at, length, place);
      };
      return Object.assign(handle, { write });
    },
  },
};

test('whether gaps of files take space is tried, and nothing is left of it', async (t) => {
  const folder = await temporaryFolder(t);
  if (process.platform === 'linux') assert.equal(await hasSparseFiles(folder), true);
  assert.equal(await hasSparseFiles(folder, filling), false);
  assert.deepEqual(await readdir(folder), []);
  await assert.rejects(hasSparseFiles(`${folder}/none`), { code: 'source.notFound' });
});
