import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storeLedger } from '../../../src/engine/backup/ledger/ledger-file.ts';
import { cleanVm } from '../../../src/engine/backup/recovery/clean.ts';
import { delay, never } from '../../../src/engine/base/abort.ts';
import { openTestStore, runDeps } from '../../support/backup/backup-lab.ts';
import { backUpSet, powershellOr, startVssLab } from '../../support/vss/vss-lab.ts';

/** Wide bound of a busy computer, in milliseconds; the host holds the removal for longer. A quiet one needs two seconds. */
const LIMIT = 15_000;
/** After this time, diskshadow certainly does not run any more. */
const LATER = 31 * 60_000;
const CLEANINGS = 100;

test('cancelled while files are copied, a run does not wait for the removal; the ledger has it', async (t) => {
  const powershell = powershellOr(t);
  if (powershell === undefined) return;
  const lab = await startVssLab(t, powershell, ['one']);
  const store = await openTestStore(lab);
  const id = lab.vms[0]?.id;
  assert.ok(id !== undefined);
  await lab.fault('vss.killed');
  await lab.fault('vss.hold', 'delete');
  const stop = new AbortController();
  let began = Infinity;
  const onEdge = async (edge: string): Promise<void> => {
    if (edge !== 'set.made') return;
    began = performance.now();
    stop.abort(new Error('cancelled by the test'));
  };
  const run = backUpSet(lab, store, lab.vms, { onEdge, signal: stop.signal });
  await assert.rejects(run, /cancelled by the test/);
  const took = performance.now() - began;
  assert.ok(took < LIMIT, `ended after ${took} ms`);
  const ledger = storeLedger(store, id);
  const [own, ...more] = (await ledger.load(never)).sets ?? [];
  const shadows = await lab.ask('shadow-list', {});
  assert.deepEqual(more, []);
  assert.ok(own !== undefined && own.set !== null);
  assert.ok(shadows.length > 0, 'the host still has the copies');

  await lab.clearFaults();
  const deps = { ...runDeps(lab, store), host: lab.shadowed, now: () => Date.now() + LATER };
  for (let times = 0; (await lab.ask('shadow-list', {})).length > 0; times++) {
    assert.ok(times < CLEANINGS, 'cleaned');
    await cleanVm(deps, id, { dryRun: false, pathMap: lab.pathMap }, never);
    await delay(5, never);
  }
  await cleanVm(deps, id, { dryRun: false, pathMap: lab.pathMap }, never);
  assert.equal((await ledger.load(never)).sets, undefined);
});
