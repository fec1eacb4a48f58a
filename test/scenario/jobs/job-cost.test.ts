import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { test, type TestContext } from 'node:test';
import { requests } from '../../../src/engine/api/methods.ts';
import type { Guid } from '../../../src/engine/base/guid.ts';
import {
  backupOptions,
  openTestStore,
  pattern,
  startBackupLab,
  type BackupLab,
} from '../../support/backup/backup-lab.ts';
import { startEngine } from '../../support/process/engine-process.ts';
import { countFlushes } from '../../support/files/counted-flushes.ts';
import { backupSpec, homeOf, startJob } from '../../support/process/job-process.ts';

const MIB = 2 ** 20;

/** Upper bounds for one run of one disk, and what each further disk may add. */
interface Bounds {
  readonly exchanges: number;
  readonly flushes: number;
  readonly perDisk: { readonly exchanges: number; readonly flushes: number };
}

/**
 * True counts. The aim is at most 40 exchanges and 30 flushes for a small increment of one disk; five files of the configuration take five flushes. Two exchanges ask for the boot sources and the security settings of generation 2. Of each job of the host
 * one look is counted, and of the merge that follows too: how often they are looked at is a matter of time.
 */
const INCREMENT: Bounds = {
  exchanges: 35,
  flushes: 30,
  // Two images that the host looks into and the tracker; image, hash file and answers of the tracker.
  perDisk: { exchanges: 3, flushes: 3 },
};
/** The first one: the folders of the VM are new. */
const FULL: Bounds = { exchanges: 31, flushes: 33, perDisk: { exchanges: 2, flushes: 2 } };

const JOB = 'Get of Msvm_ConcreteJob';
const VM = 'Get of Msvm_ComputerSystem';
const STARTS_JOB = /^(?:CreateSnapshot|ConvertToReferencePoint|DestroyReferencePoint) of /;
/** Exchanges of a further look at a merge: the VM, its checkpoints, its disks. */
const MERGE_LOOK = 3;

for (const disks of [1, 2]) {
  test(`a full and an increment of ${disks} disk(s) ask and flush no more than they must`, async (t) => {
    const lab = await startBackupLab(t);
    const sizes = Array.from({ length: disks }, () => ({ size: 64 * MIB }));
    const { id } = await lab.ask('add-vm', { name: 'vm', disks: sizes });
    for (let disk = 0; disk < disks; disk++) await lab.write('vm', disk, MIB, pattern(MIB, disk));
    const store = await openTestStore(lab);
    await within(t, lab, store.location, 'full', more(FULL, disks - 1));
    for (let disk = 0; disk < disks; disk++) {
      await lab.write('vm', disk, 9 * MIB, pattern(65_536, 7 + disk));
    }
    await within(t, lab, store.location, 'incr', more(INCREMENT, disks - 1));
    assert.equal((await lab.host.findVm(id as Guid, t.signal)).referencePoints.length, 1);
  });
}

test('the plans of every kind, as Back Up shows them, take one set of questions to the host', async (t) => {
  const lab = await startBackupLab(t);
  const { id: vm } = await lab.ask('add-vm', {
    name: 'vm',
    disks: [{ size: 64 * MIB }, { size: 64 * MIB }],
  });
  const store = await openTestStore(lab);
  const engine = await startEngine(t, { home: homeOf(lab) });
  const { kind: _, ...options } = backupOptions(lab);
  const params = { target: lab.target, vm, store: store.location, options };
  let asked = 0;
  const count = (): void => void asked++;
  subscribe('http.server.request.start', count);
  const plans = await engine.request(requests.planBackup, params);
  unsubscribe('http.server.request.start', count);
  t.diagnostic(`Back Up: ${asked} exchanges`);
  assert.equal(plans.auto.plan?.disks.length, 2);
  // The first question is whether the host knows the password: it is asked again with it.
  assert.ok(asked <= 13, `${asked} exchanges, not 13`);
  assert.ok(asked > 5, 'counting works');
});

const more = (bounds: Bounds, disks: number): Bounds => ({
  ...bounds,
  exchanges: bounds.exchanges + disks * bounds.perDisk.exchanges,
  flushes: bounds.flushes + disks * bounds.perDisk.flushes,
});

/** Runs a backup as a job of its own process, and compares what it cost with the bounds. */
async function within(
  t: TestContext,
  lab: BackupLab,
  store: string,
  kind: 'full' | 'incr',
  bounds: Bounds,
): Promise<void> {
  const flushes = await countFlushes(lab.folder);
  let requests = 0;
  const count = (): void => void requests++;
  subscribe('http.server.request.start', count);
  const job = startJob(lab, backupSpec(lab, store), flushes.env, { trace: true });
  const status = await job.closed;
  unsubscribe('http.server.request.start', count);
  assert.equal(status, 0, job.errors());
  const exchanges = await exchangesOf(lab, job.id, kind);
  // The login of a connection takes one request more, which has no body and is no exchange.
  const logins = requests - exchanges.length;
  assert.ok(logins >= 1 && logins <= 4, `${requests} requests, ${exchanges.length} exchanges`);
  const counted = exchanges.length - waitingOf(exchanges);
  const flushed = await flushes.paths();
  t.diagnostic(
    `${kind}: ${counted} exchanges (${exchanges.length} with all looks), ${flushed.length} flushes`,
  );
  const list = (lines: readonly string[]): string => lines.join('\n');
  assert.ok(
    counted <= bounds.exchanges,
    `${counted} exchanges, not ${bounds.exchanges}:\n${list(exchanges)}`,
  );
  const names = flushed.map((path) => relative(lab.folder, path));
  assert.ok(
    flushed.length <= bounds.flushes,
    `${flushed.length} flushes, not ${bounds.flushes}:\n${list(names)}`,
  );
  // Counting works: image, hash file, manifest and ledger cannot be written without.
  assert.ok(flushed.length > 10, list(names));
}

/** What each exchange of the job asked, from its recording. */
async function exchangesOf(
  lab: BackupLab,
  id: string,
  kind: 'full' | 'incr',
): Promise<readonly string[]> {
  const folder = join(homeOf(lab), 'jobs', id);
  const log = await readFile(join(folder, 'log.ndjson'), 'utf8');
  assert.match(log, kind === 'full' ? /Done: full backup/ : /Done: incremental backup/);
  const [recording = ''] = (await readdir(folder)).filter((name) => name.endsWith('.rptrace'));
  const recorded = await readFile(join(folder, recording), 'utf8');
  const lines = recorded.trimEnd().split('\n');
  return lines
    .map((line) => JSON.parse(line) as { readonly kind: string; readonly about: string })
    .filter(({ kind: line }) => line === 'exchange')
    .map(({ about }) => about);
}

/** Exchanges that only look again whether the host is done. */
function waitingOf(exchanges: readonly string[]): number {
  const all = (wanted: (each: string) => boolean): number => exchanges.filter(wanted).length;
  const jobs = all((each) => each === JOB) - all((each) => STARTS_JOB.test(each));
  const merges = all((each) => each === VM) - 1;
  // The first look that finds a merge under way also asks whether merging is on.
  return jobs + merges * MERGE_LOOK + (merges > 0 ? 1 : 0);
}
