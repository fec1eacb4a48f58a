import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, test } from 'node:test';
import type { JobInfo } from '../../../src/engine/api/jobs.ts';
import { requests } from '../../../src/engine/api/methods.ts';
import { delay, never } from '../../../src/engine/base/abort.ts';
import { isLive } from '../../../src/engine/jobs/folder/job-folder.ts';
import { JobList } from '../../../src/engine/jobs/list/job-list.ts';
import { JobStarter } from '../../../src/extension/jobs/job-starter.ts';
import { openTestStore, startBackupLab, type BackupLab } from '../../support/backup/backup-lab.ts';
import { startEngine } from '../../support/process/engine-process.ts';
import { backupSpec, homeOf } from '../../support/process/job-process.ts';
import { workbench } from '../../support/vscode/workbench.ts';

beforeEach(() => workbench.reset());

const MIB = 2 ** 20;
const VMS = 30;

/** Command lines of the processes that work for a home folder. Linux only. */
async function processesOf(home: string): Promise<readonly string[]> {
  const out: string[] = [];
  for (const name of (await readdir('/proc')).filter((each) => /^\d+$/.test(each))) {
    const environment = await readFile(`/proc/${name}/environ`, 'utf8').catch(() => '');
    if (!environment.split('\0').includes(`REFPOINT_HOME=${home}`)) continue;
    out.push(
      (await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' '),
    );
  }
  return out;
}

test(
  'thirty backups on two hosts run four at a time, two of each host; the others wait and are cancelled together',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const labs = [await startBackupLab(t), await startBackupLab(t)] as const;
    const [first] = labs;
    const home = homeOf(first);
    for (const lab of labs) {
      await lab.fault('job.hold');
      for (let i = 0; i < VMS / 2; i++) {
        await lab.ask('add-vm', { name: `vm${i}`, disks: [{ size: MIB }] });
      }
    }
    const store = await openTestStore(first);
    // Two windows, of which one is closed as soon as it has started its jobs.
    const windows = [0, 1].map(
      () => new JobStarter(process.cwd(), { REFPOINT_HOME: home }, () => 4),
    );
    t.after(() => windows.forEach((each) => each.dispose()));
    const ids: string[] = [];
    for (let i = 0; i < VMS; i++) {
      const lab = labs[i % 2] as BackupLab;
      const name = `vm${Math.floor(i / 2)}`;
      const spec = backupSpec(lab, store.location, name);
      ids.push(await (windows[i < VMS / 2 ? 0 : 1] as JobStarter).start(name, spec, lab.target));
    }
    windows[0]?.dispose();
    const list = new JobList(home);
    const by = async (state: JobInfo['state']): Promise<readonly JobInfo[]> =>
      (await list.list([], never)).filter((job) => job.state === state);
    const runs = async (): Promise<readonly JobInfo[]> => {
      const running = await by('running');
      let processes = await processesOf(home);
      const started = (as: string): readonly string[] =>
        processes.filter((words) => words.includes(`job --${as}`));
      const tooMany = (): boolean =>
        started('announce').length > 4 || started('queue').length > windows.length;
      // A job that has told its end gives its place away, and its process ends right after that.
      for (let look = 0; tooMany() && look < 40; look++) {
        await delay(50, never);
        processes = await processesOf(home);
      }
      const [jobs, queues] = [started('announce'), started('queue')];
      assert.ok(jobs.length <= 4, `${jobs.length} processes of jobs`);
      assert.ok(queues.length <= windows.length, processes.join('\n'));
      for (const lab of labs) {
        const ofHost = running.filter(({ spec }) => 'host' in spec && spec.host === lab.target.url);
        assert.ok(ofHost.length <= 2, `${ofHost.length} jobs of one host`);
      }
      return running;
    };
    while ((await runs()).length < 4) await delay(50, never);
    assert.equal((await by('queued')).length, VMS - 4);
    assert.equal((await processesOf(home)).filter((each) => each.includes('--announce')).length, 4);
    for (const path of await readdir(home, { recursive: true, withFileTypes: true })) {
      if (!path.isFile()) continue;
      const text = await readFile(join(path.parentPath, path.name), 'utf8');
      assert.ok(!text.includes(first.target.password), `${path.name} holds the password`);
    }

    const engine = await startEngine(t, { home });
    const cancel = async (jobs: readonly JobInfo[]): Promise<void> => {
      for (const { id } of jobs) await engine.request(requests.cancelJob, { id });
    };
    // A place becomes free: the next in the line takes it, also after its window was closed.
    const running = await runs();
    const next = (await by('queued')).find(({ ahead }) => ahead === 0);
    const [one] = running.filter(
      ({ spec }) =>
        'host' in spec && next !== undefined && 'host' in next.spec && spec.host === next.spec.host,
    );
    assert.ok(one !== undefined && next !== undefined);
    await cancel([one]);
    await labs[ids.indexOf(one.id) % 2]?.clearFaults();
    while (!(await runs()).concat(await by('done')).some(({ id }) => id === next.id)) {
      await delay(50, never);
    }
    await Promise.all(labs.map((lab) => lab.fault('job.hold')));
    const queued = (await by('queued')).toSorted((a, b) => (b.ahead ?? 0) - (a.ahead ?? 0));
    const waited = new Set(queued.slice(0, 10).map(({ id }) => id));
    await cancel(queued.slice(0, 10));
    while ((await by('cancelled')).filter(({ id }) => waited.has(id)).length < 10) {
      await delay(50, never);
    }
    await cancel(
      await by('queued').then((jobs) => jobs.toSorted((a, b) => (b.ahead ?? 0) - (a.ahead ?? 0))),
    );
    await cancel(await by('running'));
    await Promise.all(labs.map((lab) => lab.clearFaults()));
    while ((await list.list([], never)).some(isLive)) await delay(50, never);
    while ((await processesOf(home)).some((words) => words.includes(' job --')))
      await delay(50, never);
    const all = await list.list([], never);
    assert.equal(all.length, VMS);
    const neither = all.filter(({ state }) => state !== 'done' && state !== 'cancelled');
    assert.deepEqual(neither, []);
    for (const { id } of all.filter(({ id: each }) => waited.has(each))) {
      const names = await readdir(join(home, 'jobs', id));
      assert.ok(!names.includes('log.ndjson'), 'it never ran');
    }
  },
);
