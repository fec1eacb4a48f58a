import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { storeLedger } from '../../../src/engine/backup/ledger/ledger-file.ts';
import { cleanVm } from '../../../src/engine/backup/recovery/clean.ts';
import type { Store } from '../../../src/engine/backup/store/contract/store.ts';
import { delay, never } from '../../../src/engine/base/abort.ts';
import { openTestStore, runDeps, verifyErrors } from '../../support/backup/backup-lab.ts';
import { ALL_CASES } from '../../support/process/all-cases.ts';
import { shellProgramsEnded } from '../../support/vss/shell-programs.ts';
import { backUpSet, powershellOr, startVssLab, type VssLab } from '../../support/vss/vss-lab.ts';

/** Exchanges after a cancellation: the command is ended, and its shell; the shadow copies are listed by three queries. */
const [ENDED, LISTED] = [2, 5];
/** With two scripts, which look at the log and remove the set. */
const REMOVED = 24;
/** Wide bound of a busy computer, in milliseconds. A quiet one needs less than two seconds; a removal comes to that. */
const LIMIT = 15_000;
const REMOVAL_LIMIT = 60_000;
/** After this time, diskshadow certainly does not run any more. */
const LATER = 31 * 60_000;
const CLEANINGS = 100;

const dataOf = (lab: VssLab): string => join(lab.folder, 'lab', 'windows', 'ProgramData');
const folders = (lab: VssLab): Promise<string[]> => readdir(dataOf(lab));
const held = async (lab: VssLab): Promise<boolean> =>
  'vss.hold' in (await lab.ask('fault-list', {})).occurred;

/** A step of a run: where the lab holds, and how it is seen that this was reached. */
interface Step {
  readonly hold: string;
  readonly reached?: (lab: VssLab) => Promise<boolean>;
  /** Maximum number of exchanges after a cancellation. */
  readonly exchanges?: number;
}

/** Every second one in CI (the requestor's suite cancels at the others); all with REFPOINT_ALL_CASES=1. */
const STEPS: Readonly<Record<string, Step>> = {
  'the folder is made': {
    hold: 'open',
    reached: async (lab) => (await folders(lab)).length > 0,
  },
  'the script is sent': {
    hold: 'open',
    reached: async (lab) =>
      (await folders(lab)).some((each) => existsSync(join(dataOf(lab), each, 'script.txt'))),
  },
  'the writers are asked': { hold: 'identify' },
  'the set is begun': { hold: 'begin' },
  'a volume is added': { hold: 'addVolume' },
  'the writers are prepared': { hold: 'prepare' },
  'the copies are made': { hold: 'create' },
  'the copies are mounted': { hold: 'expose', exchanges: REMOVED },
  'the backup is ended': { hold: 'complete', exchanges: REMOVED },
  'the set is deleted': { hold: 'delete', exchanges: ENDED },
};

/** Cancels a run at a step and returns its outcome, when it has ended in time. */
async function cancelled(
  lab: VssLab,
  store: Store,
  { hold, reached = held, exchanges: most = LISTED }: Step,
  before: () => Promise<void> = async () => undefined,
): Promise<unknown> {
  const stop = new AbortController();
  await lab.fault('vss.hold', hold);
  const run = backUpSet(lab, store, lab.vms, { signal: stop.signal });
  const outcome = run.catch((error: unknown) => error);
  while (!(await reached(lab))) await delay(5, never);
  await before();
  const { exchanges } = await lab.ask('fault-list', {});
  const began = performance.now();
  stop.abort(new Error('cancelled by the test'));
  const found = await outcome;
  const took = performance.now() - began;
  const more = (await lab.ask('fault-list', {})).exchanges - exchanges;
  assert.ok(more <= most, `${more} exchanges after the cancellation`);
  assert.ok(took < (most === REMOVED ? REMOVAL_LIMIT : LIMIT), `ended after ${took} ms`);
  await ended(lab, reached === held);
  return found;
}

/** Waits until the programs of a cancelled run have ended, and the lab has seen that the one that asked it has left. */
async function ended(lab: VssLab, asked: boolean): Promise<void> {
  await shellProgramsEnded(lab);
  const { active, occurred } = await lab.ask('fault-list', {});
  if (!asked || !active.some(({ name }) => name === 'vss.killed')) return;
  if ('vss.killed' in occurred) return;
  await delay(20, never);
  await ended(lab, asked);
}

/** Cleans until nothing of ours is left; the foreign copy stays. */
async function assertCleaned(lab: VssLab, store: Store, foreign: string): Promise<void> {
  const deps = { ...runDeps(lab, store), host: lab.shadowed, now: () => Date.now() + LATER };
  const tidy = async (): Promise<boolean> =>
    (await lab.ask('shadow-list', {})).length === 1 && (await folders(lab)).length === 0;
  for (let times = 0; times === 0 || !(await tidy()); times++) {
    assert.ok(times < CLEANINGS, 'cleaned');
    for (const { id } of lab.vms) {
      await cleanVm(deps, id, { dryRun: false, pathMap: lab.pathMap }, never);
    }
  }
  for (const { id } of lab.vms) {
    assert.equal((await storeLedger(store, id).load(never)).sets, undefined);
    assert.deepEqual(await verifyErrors(store, id, true), []);
  }
  const [left] = await lab.ask('shadow-list', {});
  assert.equal(left?.id, foreign);
  await lab.ask('shadow-remove', { id: foreign });
}

test('cancelled at each step, a run ends at once, and what is left is found again', async (t) => {
  const powershell = powershellOr(t);
  if (powershell === undefined) return;
  const lab = await startVssLab(t, powershell, ['one']);
  const store = await openTestStore(lab);
  for (const [name, step] of Object.entries(STEPS).filter((_, at) => ALL_CASES || at % 2 === 0)) {
    await t.test(`${name}; diskshadow ends with its shell`, async () => {
      await lab.fault('vss.killed');
      const found = await cancelled(lab, store, step);
      if (step.hold === 'delete') {
        const { points, failed } = found as Awaited<ReturnType<typeof backUpSet>>;
        assert.deepEqual([points.length, failed], [1, []]);
        assert.equal(points[0]?.unfinished.length, 1);
      } else assert.match(String(found), /cancelled by the test/);
      await lab.clearFaults();
      const { id } = await lab.ask('shadow-create', {});
      await assertCleaned(lab, store, id);
    });
  }
  for (const name of ['the copies are mounted', 'the set is deleted']) {
    await t.test(`${name}; diskshadow runs on`, async () => {
      await cancelled(lab, store, STEPS[name] as Step);
      await lab.clearFaults();
      const { id } = await lab.ask('shadow-create', {});
      await assertCleaned(lab, store, id);
    });
  }
  await t.test('the host does not answer any more', async () => {
    const step = STEPS['the copies are made'] as Step;
    await lab.fault('vss.killed');
    await cancelled(lab, store, step, () => lab.fault('answer.hold', 60_000));
    await lab.clearFaults();
    const { id } = await lab.ask('shadow-create', {});
    await assertCleaned(lab, store, id);
  });
  await t.test('a set whose folder was removed is deleted all the same', async () => {
    await lab.fault('vss.killed');
    await cancelled(lab, store, STEPS['the set is deleted'] as Step);
    await lab.clearFaults();
    for (const each of await folders(lab)) await rm(join(dataOf(lab), each), { recursive: true });
    const { id } = await lab.ask('shadow-create', {});
    await assertCleaned(lab, store, id);
  });
});
