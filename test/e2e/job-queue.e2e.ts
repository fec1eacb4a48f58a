import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { never } from '../../src/engine/base/abort.ts';
import { noProgress } from '../../src/engine/base/progress.ts';
import { askLab } from '../../src/engine/lab/control/lab-client.ts';
import { startLab, type Lab } from './support/machine/lab.ts';
import { CLI } from './support/machine/places.ts';
import { jobProcesses } from './support/machine/processes.ts';
import { runRefpoint } from './support/machine/refpoint.ts';
import { story } from './support/workbench/story.ts';
import { until } from './support/workbench/workbench.ts';

const PASSWORD = 'correct horse 0815';
/** Of each host; with its sample VM, 15. */
const ADDED = 14;

/** How many jobs of a user's folder are in each state. */
async function statesOf(userFolder: string): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (const id of await readdir(join(userFolder, 'jobs')).catch(() => [])) {
    const file = join(userFolder, 'jobs', id, 'state.json');
    const text = await readFile(file, 'utf8').catch(() => '{"state": "none"}');
    const { state } = JSON.parse(text) as { readonly state: string };
    counts[state] = (counts[state] ?? 0) + 1;
  }
  return counts;
}

async function addVms({ folder }: Lab): Promise<void> {
  for (let i = 0; i < ADDED; i++) {
    const name = `vm${String(i).padStart(2, '0')}`;
    await askLab(folder, 'add-vm', { name, disks: [{ size: 2 ** 20 }] }, noProgress, never);
  }
}

story('jobs of a terminal, and of thirty VMs at once', async (story) => {
  const work = await mkdtemp(join(tmpdir(), 'rp-story-'));
  story.finally(() => rm(work, { recursive: true, force: true }));
  const labs: Lab[] = [];
  for (const name of ['one', 'two']) {
    const lab = await startLab(join(work, name), PASSWORD);
    story.finally(() => lab.stop());
    labs.push(lab);
  }
  const [first] = labs as [Lab, Lab];
  await Promise.all(labs.map(addVms));
  const store = join(work, 'store');
  await runRefpoint(['store', 'create', store]);
  const hosts = labs.map(({ url, user, pathMap }, i) => ({
    name: `hv0${i + 1}`,
    url,
    user,
    pathMap,
  }));
  const server = await story.server({ settings: { 'refpoint.hosts': hosts } });
  const window = await story.window(server);
  const states = (): Promise<Readonly<Record<string, number>>> => statesOf(server.userFolder);

  await story.step(
    'a backup that a terminal started is watched, and cancelled, in the view',
    async () => {
      await first.fault('job.hold');
      const at = ['--host', first.url, '--user', first.user, '--store', store];
      const maps = Object.entries(first.pathMap).flatMap(([host, local]) => [
        '--path-map',
        `${host}=${local}`,
      ]);
      const child = spawn(process.execPath, [CLI, 'backup', 'sample-vm', ...at, ...maps], {
        env: { ...process.env, REFPOINT_HOME: server.userFolder, REFPOINT_PASSWORD: PASSWORD },
        stdio: 'ignore',
      });
      const exit = once(child, 'exit') as Promise<[number | null]>;
      await window.showViews();
      const row = window.row('Jobs', /Back up sample-vm.*heckpoint/);
      await row.waitFor();
      await row.hover();
      await row.getByRole('button', { name: 'Cancel Job' }).click();
      await window.row('Jobs', /Back up sample-vm.*cancelling/).waitFor();
      await first.clearFaults();
      await window.row('Jobs', /Back up sample-vm.*cancelled/).waitFor();
      assert.equal((await exit)[0], 130);
      assert.deepEqual(await runRefpoint(['store', 'show', '--store', store]), []);
    },
  );

  await story.step(
    'of thirty VMs four are backed up at a time, two of each host; the others wait',
    async () => {
      await window.command('Refpoint: Add Store…');
      await window.answer('Add Store', store);
      await window.row('Stores', 'store').waitFor();
      for (const lab of labs) await lab.fault('job.hold');
      for (const { name } of hosts) {
        const host = window.row('Hosts', name);
        await host.dblclick();
        await window.answer(`Password of Administrator on ${name}`, PASSWORD);
        const vm = window.row('Hosts', 'vm00');
        await vm.click();
        // All VMs of the host.
        await window.page.keyboard.press('Control+A');
        await window.menu(vm, 'Back Up…');
        await window.question('Back up 15 VMs');
        await window.quickRow('Full').click();
        await window.question('Back up 15 of 15 VMs');
        await window.page.keyboard.press('Enter');
        await window.row('Jobs', 'Waiting: ').waitFor();
        // Its VMs would push the next host out of sight.
        await host.locator('.monaco-tl-twistie').click();
        await vm.waitFor({ state: 'hidden' });
      }
      await until('thirty jobs run or wait, and not more than four run', async () => {
        assert.ok((await jobProcesses(server.home)).length <= 4);
        const { running = 0, queued = 0 } = await states();
        return running === 4 && queued === 26;
      });
      assert.equal((await jobProcesses(server.home)).length, 4);
    },
  );

  await story.step(
    'they wait on when the window is reloaded, and are cancelled together',
    async () => {
      await window.reload();
      await window.showViews();
      await window.row('Jobs', /Waiting: .* before it/).waitFor();
      assert.equal((await states())['queued'], 26);
      await window.command('Refpoint: Cancel All Queued Jobs');
      await until('none waits any more', async () => (await states())['queued'] === undefined);
      // One more of the first step.
      assert.deepEqual(await states(), { running: 4, cancelled: 27 });
      assert.equal((await jobProcesses(server.home)).length, 4);
      for (const lab of labs) await lab.clearFaults();
      await window.notification(/4 of 30 jobs are done, 26 were cancelled/).waitFor();
      assert.deepEqual(await states(), { done: 4, cancelled: 27 });
    },
  );
});
