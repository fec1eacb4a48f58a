import assert from 'node:assert/strict';
import { readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { restorePoint } from '../../../../src/engine/backup/restore/restore.ts';
import { listPoints } from '../../../../src/engine/backup/points/catalog.ts';
import { verifyPoints } from '../../../../src/engine/backup/verify/verify.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import { backup, pattern, verifyErrors } from '../../../support/backup/backup-lab.ts';
import { diskSha256 } from '../../../support/disk/disk-sha256.ts';
import {
  fullAndIncrement,
  pathOf,
  restoreOptions,
  type Made,
} from '../../../support/backup/two-points.ts';

const MANIFEST = 'point.chain.json';

const states = async ({ store, full }: Made): Promise<string[]> =>
  (await listPoints(store, full.vm.id, never)).map(({ id, state }) => `${id.slice(-4)} ${state}`);

/** Nothing in these is of a platform, and Wine takes its time for labs. */
const windows = process.platform === 'win32';

test(
  'a full whose manifest is lost is not removed as unfinished: others build on it',
  { skip: windows },
  async (t) => {
    const made = await fullAndIncrement(t);
    const { lab, store, full } = made;
    const manifest = pathOf(made, full, MANIFEST);
    await rename(manifest, join(lab.folder, 'kept.json'));
    assert.deepEqual(await states(made), ['full damaged', 'incr complete']);
    await lab.write('vm', 0, 0, pattern(4096, 7));
    const next = await backup(lab, store, 'vm');
    assert.equal(next.manifest.kind, 'full');
    assert.deepEqual(await states(made), ['full damaged', 'incr complete', 'full complete']);
    // Brought back, all of it is there.
    await rename(join(lab.folder, 'kept.json'), manifest);
    assert.deepEqual(await verifyErrors(store, full.vm.id), []);
  },
);

test(
  'nor is one that was verified, even where nothing builds on it',
  { skip: windows },
  async (t) => {
    const made = await fullAndIncrement(t);
    const { lab, store, incr } = made;
    await verifyPoints(store, incr.vm.id, { point: undefined, quick: true }, noProgress, never);
    await rm(pathOf(made, incr, MANIFEST));
    assert.deepEqual(await states(made), ['full complete', 'incr damaged']);
    await backup(lab, store, 'vm');
    assert.equal((await states(made))[1], 'incr damaged');
  },
);

test(
  'the latest point is the newest: one that cannot be read is not passed over for an older one',
  { skip: windows },
  async (t) => {
    const made = await fullAndIncrement(t);
    const { store, full, incr, hashes } = made;
    const path = pathOf(made, incr, MANIFEST);
    const good = await readFile(path);
    await writeFile(path, `${good.toString()}x`);
    const latest = restorePoint(store, restoreOptions(made, {}), noProgress, never);
    await assert.rejects(latest, {
      code: 'point.damaged',
      message: new RegExp(`${incr.id} cannot be restored: .*restore an older point, name it`),
    });
    const options = restoreOptions(made, { point: full.id });
    const { disks } = await restorePoint(store, options, noProgress, never);
    assert.equal(await diskSha256(disks[0]?.file ?? ''), hashes[0]);
    await assert.rejects(
      restorePoint(store, restoreOptions(made, { point: incr.id }), noProgress, never),
      { code: 'manifest.damaged' },
    );
  },
);

test(
  'a point’s folder that is a link is told, and hinders no other',
  { skip: windows },
  async (t) => {
    const made = await fullAndIncrement(t);
    const { lab, store, full, incr } = made;
    const folder = pathOf(made, incr, '');
    const elsewhere = join(lab.folder, 'elsewhere');
    await rename(folder, elsewhere);
    await symlink(elsewhere, folder.replace(/\/$/, ''));
    assert.deepEqual(await states(made), ['full complete', 'incr damaged']);
    assert.deepEqual(await verifyErrors(store, incr.vm.id), ['store.path']);
    await assert.rejects(restorePoint(store, restoreOptions(made, {}), noProgress, never), {
      code: 'point.damaged',
    });
    const options = restoreOptions(made, { point: full.id });
    await restorePoint(store, options, noProgress, never);
  },
);
