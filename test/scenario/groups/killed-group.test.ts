import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { listPoints } from '../../../src/engine/backup/points/catalog.ts';
import { EDGES } from '../../../src/engine/backup/context/edges.ts';
import { never } from '../../../src/engine/base/abort.ts';
import {
  openTestStore,
  pattern,
  startBackupLab,
  verifyErrors,
} from '../../support/backup/backup-lab.ts';
import { refpoint, startRefpoint, type Outcome } from '../../support/process/command.ts';

const MIB = 2 ** 20;

/** Edges between which objects exist that only the ledger or the host knows. */
const SAMPLE = ['checkpoint.made', 'data.written', 'converted', 'committed'] as const;
/** A group is not exported. */
const ALL = EDGES.filter((edge) => !edge.startsWith('export') && edge !== 'staging.removed');
const CHOSEN = process.env['REFPOINT_ALL_CASES'] === '1' ? ALL : SAMPLE;

test('killed at an edge, a group is clean after the next run or clean, and its chain holds', async (t) => {
  const lab = await startBackupLab(t, { smb: true });
  for (const name of ['a', 'b']) await lab.ask('add-vm', { name, disks: [{ size: 4 * MIB }] });
  const both = { vms: ['a', 'b'], format: 'vhds', disk: { size: 4 * MIB } } as const;
  await lab.ask('add-shared-disk', { name: 'quorum', ...both });
  await lab.ask('group-create', { name: 'cluster', members: ['a', 'b'] });
  const foreign = await lab.ask('group-snapshot', { group: 'cluster', convert: true });
  const host = await lab.host.groups.hostOf('cluster', never);
  const store = await openTestStore(lab);
  const args = [
    'backup',
    '--group',
    'cluster',
    '--store',
    store.location,
    '--method',
    'file',
  ].concat(lab.command.options);
  const run = (command: readonly string[]): Promise<Outcome> =>
    refpoint([...command], { env: lab.command.env });
  assert.equal((await run(args)).status, 0);
  for (const [i, edge] of CHOSEN.entries()) {
    await lab.write('b', 0, MIB, pattern(20_000, i + 1));
    await lab.write('b', 1, 2 * MIB, pattern(20_000, i + 2));
    const child = startRefpoint(args, { env: { ...lab.command.env, REFPOINT_KILL_AT: edge } });
    const [status] = (await once(child, 'close')) as [number | null];
    assert.notEqual(status, 0, edge);
    const tidy = edge === 'data.written' ? clean(args) : args;
    assert.equal((await run(tidy)).status, 0, edge);
    const { checkpoints, referencePoints, disks } = await host.findVm('cluster', never);
    // The references of the foreign collection and of our last point; none of the killed run.
    assert.equal(disks.at(-1)?.snapshotIds?.length, 2, edge);
    assert.deepEqual(checkpoints, [], edge);
    assert.equal(referencePoints.length, 2, edge);
    assert.ok(referencePoints.some(({ id }) => id.toLowerCase() === foreign.id, edge));
    const points = await listPoints(store, host.group.id, never);
    assert.ok(
      points.every(({ state }) => state === 'complete'),
      edge,
    );
  }
  assert.deepEqual(await verifyErrors(store, host.group.id), []);
  const ofGroup = ['--store', store.location, '--group', 'cluster'];
  assert.equal((await run(['verify', ...ofGroup])).status, 0);
  const to = join(lab.folder, 'restored');
  assert.equal((await run(['restore', ...ofGroup, '--to', to, '--format', 'raw'])).status, 0);
  assert.equal((await readdir(to)).length, 3);
});

/** The command that removes what is left of a backup with these arguments. */
function clean(backup: readonly string[]): string[] {
  const at = backup.indexOf('--method');
  return ['clean', ...backup.slice(1, at), ...backup.slice(at + 2)];
}
