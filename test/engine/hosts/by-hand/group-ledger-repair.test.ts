import assert from 'node:assert/strict';
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { LedgerRepair } from '../../../../src/engine/api/store.ts';
import { storeLedger } from '../../../../src/engine/backup/ledger/ledger-file.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { openTestStore, startBackupLab } from '../../../support/backup/backup-lab.ts';
import { runCli } from '../../../support/process/cli-io.ts';
import {
  backUpGroup,
  changeGroup,
  GROUP,
  makeGroup,
} from '../../../scenario/faults/group-scene.ts';

test('the damaged ledger of a group is rebuilt from its points and the collections of the host', async (t) => {
  const lab = await startBackupLab(t, { smb: true });
  const id = await makeGroup(lab);
  const store = await openTestStore(lab);
  const first = await backUpGroup(lab, store, {}, never);
  const foreign = await lab.ask('group-snapshot', { group: GROUP, convert: true });
  const file = join(store.location, id, 'ledger.json');
  await writeFile(file, (await readFile(file, 'utf8')).slice(0, 100));
  await assert.rejects(backUpGroup(lab, store, {}, never), { code: 'ledger.damaged' });
  const run = async (...more: string[]): Promise<LedgerRepair> => {
    const at = ['--store', store.location, ...lab.command.options.slice(0, 4), '--json'];
    const env = { ...lab.command.env, REFPOINT_HOME: lab.folder };
    const { status, out, err } = await runCli(['ledger', 'repair', GROUP, ...at, ...more], { env });
    assert.equal(status, 0, err);
    return JSON.parse(out) as LedgerRepair;
  };
  const preview = await run();
  assert.equal(preview.applied, false);
  const own = first.manifest.referencePoint?.id ?? '';
  assert.deepEqual(
    preview.added.map((each) => each.id.toLowerCase()),
    [own.toLowerCase()],
  );
  assert.deepEqual(
    preview.unclaimed.map(({ kind, id: each }) => [kind, each.toLowerCase()]),
    [['referencePoint', foreign.id]],
  );
  assert.equal((await run('--yes')).applied, true);
  const { referencePoints } = await storeLedger(store, id).load(never);
  assert.deepEqual(
    referencePoints.map((each) => each.id),
    [own],
  );
  // The chain goes on, and the other product's collection is still there.
  await changeGroup(lab);
  const { manifest } = await backUpGroup(lab, store, {}, never);
  assert.deepEqual(
    manifest.disks.map(({ kind }) => kind),
    ['incr', 'incr', 'incr'],
  );
  const [group] = await lab.ask('group-list', {});
  assert.ok(group?.referencePoints.includes(foreign.id));
  // Without a point that can be read, the host tells that it is a group.
  for (const point of await readdir(join(store.location, id), { withFileTypes: true })) {
    if (point.isDirectory()) await rm(join(store.location, id, point.name, 'point.chain.json'));
  }
  await writeFile(file, '{');
  const bare = await run();
  assert.deepEqual([bare.added.length, bare.unclaimed.length], [0, 2]);
});
