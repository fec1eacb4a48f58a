import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { storeLedger } from '../../../src/engine/backup/ledger/ledger-file.ts';
import type { Store } from '../../../src/engine/backup/store/contract/store.ts';
import { never } from '../../../src/engine/base/abort.ts';
import { clean, openTestStore, verifyErrors } from '../../support/backup/backup-lab.ts';
import { startRefpoint } from '../../support/process/command.ts';
import { shadowsOnHost } from '../../support/vss/shadows-on-host.ts';
import { powershellOr, startVssLab, type VssLab } from '../../support/vss/vss-lab.ts';

const folders = (lab: VssLab): Promise<string[]> =>
  readdir(join(lab.folder, 'lab', 'windows', 'ProgramData'));

const commandLine = (lab: VssLab, store: Store): string[] => [
  ...['backup', '--all', '--method', 'vss', '--store', store.location],
  ...lab.command.options,
];

/** Removes what the killed command left, VM by VM; returns the kinds of what was found. */
async function cleaned(lab: VssLab, store: Store, settled = true): Promise<readonly string[]> {
  const kinds: string[] = [];
  for (const { id } of lab.vms) {
    assert.deepEqual(await verifyErrors(store, id), []);
    kinds.push(...(await clean({ ...lab, host: lab.shadowed }, store, id)).map(({ kind }) => kind));
    const { sets } = await storeLedger(store, id).load(never);
    if (settled) assert.equal(sets, undefined);
  }
  return kinds;
}

test('killed at any edge, no shadow copy of ours is left, and every foreign one', async (t) => {
  const powershell = powershellOr(t);
  if (powershell === undefined) return;
  const lab = await startVssLab(t, powershell, ['one', 'two']);
  const store = await openTestStore(lab);
  const foreign = await lab.ask('shadow-create', {});
  for (const edge of ['set.made', 'data.written', 'set.removed']) {
    const env = { ...lab.command.env, REFPOINT_KILL_AT: edge };
    const child = startRefpoint(commandLine(lab, store), { env });
    const [status] = (await once(child, 'close')) as [number | null];
    assert.notEqual(status, 0, edge);
    const kinds = await cleaned(lab, store);
    const made = edge !== 'set.removed';
    assert.deepEqual(kinds.filter((kind) => kind === 'shadowSet').length, made ? 1 : 0, edge);
    const left = (await lab.ask('shadow-list', {})).map(({ id }) => id);
    assert.deepEqual([left, await folders(lab)], [[foreign.id], []], edge);
  }
  // Killed between request and answer: diskshadow runs on and makes the set.
  await lab.fault('vss.hold', 'create');
  const child = startRefpoint(commandLine(lab, store), { env: lab.command.env });
  while ((await folders(lab)).length === 0) await pause(20);
  child.kill('SIGKILL');
  await once(child, 'close');
  await lab.clearFaults();
  while ((await lab.ask('shadow-list', {})).length < 3) await pause(20);
  // Whether diskshadow has ended is not known yet to the ledger of the second VM: it looks again later.
  assert.deepEqual((await cleaned(lab, store, false)).toSorted(), ['left', 'shadowSet']);
  const left = (await lab.ask('shadow-list', {})).map(({ id }) => id);
  assert.deepEqual([left, await folders(lab)], [[foreign.id], []]);
  assert.deepEqual(await shadowsOnHost(t, lab.target), [foreign.id]);
});
