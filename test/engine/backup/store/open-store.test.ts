import assert from 'node:assert/strict';
import { mkdir, readdir, rename, rm, rmdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { plainTarget } from '../../../../src/engine/backup/store/store-kinds.ts';
import { StorePlaces } from '../../../../src/engine/backup/store/store-places.ts';
import {
  openKnownStore,
  openStoreIfAny,
  type StorePresence,
} from '../../../../src/engine/backup/store/open-store.ts';
import type { Store } from '../../../../src/engine/backup/store/contract/store.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { noLog } from '../../../../src/engine/base/log.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

interface Place {
  readonly home: string;
  readonly folder: string;
  readonly open: (presence: StorePresence, folder?: string) => Promise<Store>;
}

async function place(t: TestContext): Promise<Place> {
  const root = await temporaryFolder(t);
  const home = join(root, 'home');
  const folder = join(root, 'mnt', 'store');
  return {
    home,
    folder,
    open: (presence, at = folder) =>
      openKnownStore(plainTarget(at), presence, new StorePlaces(home), noLog, never),
  };
}

const ABSENT = {
  code: 'store.absent',
  message: /^The store .+ is missing: expected a store, but .+ Check that it is mounted/,
  userFixable: true,
};

test('a store is made where none was ever seen, and never again where one was', async (t) => {
  const { folder, open } = await place(t);
  const made = await open('unknown');
  assert.equal((await open('unknown')).id, made.id);
  await rename(folder, `${folder}.away`);
  await mkdir(folder);
  for (const presence of ['existing', 'required', 'unknown'] as const) {
    await assert.rejects(open(presence), ABSENT);
    assert.deepEqual(await readdir(folder), []);
  }
  await writeFile(join(folder, 'WARNING_DISK_IS_NOT_MOUNTED'), '');
  await assert.rejects(open('unknown'), { ...ABSENT, message: /NOT_MOUNTED.*is mounted/ });
  await rm(folder, { recursive: true });
  await assert.rejects(open('unknown'), ABSENT);
  await rename(`${folder}.away`, folder);
  assert.equal((await open('required')).id, made.id);
});

test('a store that was only looked at is known from then on', async (t) => {
  const { folder, open, home } = await place(t);
  const made = await open('asked');
  await rm(home, { recursive: true });
  await open('existing');
  await rename(folder, `${folder}.away`);
  await assert.rejects(open('unknown'), ABSENT);
  assert.notEqual((await open('asked')).id, made.id, 'asked for, a new one is made');
});

test('a required store is never made, known or not', async (t) => {
  const { folder, open, home } = await place(t);
  await assert.rejects(open('required'), ABSENT);
  await mkdir(folder, { recursive: true });
  await assert.rejects(open('required'), ABSENT);
  assert.deepEqual(await readdir(folder), []);
  await assert.rejects(
    openStoreIfAny(plainTarget(folder), 'required', new StorePlaces(home), never),
    ABSENT,
  );
  assert.equal(
    await openStoreIfAny(plainTarget(folder), 'unknown', new StorePlaces(home), never),
    undefined,
  );
});

test('a store is known by the link to it and by the folder behind the link', async (t) => {
  if (process.platform === 'win32') return t.skip('links take rights on Windows');
  const { folder, open } = await place(t);
  await mkdir(folder, { recursive: true });
  const link = join(folder, '..', 'link');
  await symlink(folder, link);
  await open('unknown', join(link, 'x'));
  await rm(join(folder, 'x'), { recursive: true });
  await rmdir(folder);
  for (const at of [join(link, 'x'), join(folder, 'x'), join(folder, '..', 'store', '.', 'x')]) {
    await assert.rejects(open('unknown', at), ABSENT);
  }
  await assert.rejects(readdir(folder), { code: 'ENOENT' });
});

test('records that cannot be written warn, and records that cannot be read make no store', async (t) => {
  const { folder, home, open } = await place(t);
  await writeFile(home, 'a file where the folder should be');
  const warnings: string[] = [];
  const known = new StorePlaces(home);
  const log = ({ message }: { message: string }): void => void warnings.push(message);
  await openKnownStore(plainTarget(folder), 'asked', known, log, never);
  assert.match(warnings.join(), /could not be recorded as known/);
  await rm(folder, { recursive: true });
  await assert.rejects(open('unknown'), { code: 'source.notFolder' });
});

test('an address of a kind that is not there is refused, and no folder is made of it', async (t) => {
  const { open, folder } = await place(t);
  for (const presence of ['existing', 'required', 'unknown', 'asked'] as const) {
    await assert.rejects(open(presence, 's3://backups/hv01'), {
      code: 'store.location',
      message: /^Invalid store location s3:\/\/backups\/hv01: expected a folder$/,
    });
  }
  // One letter before the colon is a drive.
  await mkdir(folder, { recursive: true });
  assert.notEqual((await open('asked', join(folder, 'C:'))).id, undefined);
});
