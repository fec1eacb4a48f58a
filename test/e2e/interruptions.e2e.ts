import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLab } from './support/machine/lab.ts';
import { MapView } from './support/workbench/map-view.ts';
import { endOf, engineOf } from './support/machine/processes.ts';
import { runRefpoint } from './support/machine/refpoint.ts';
import { story } from './support/workbench/story.ts';
import { until } from './support/workbench/workbench.ts';
import { assertInTime } from '../support/process/in-time.ts';

const RIGHT = 'correct horse 0815';
const WRONG = 'battery staple 4711';
/** The host's jobs run until it is cleared: however busy a machine is, what happens then happens in the middle of them. */
const HOLD = 'job.hold';

interface Point {
  readonly id: string;
  readonly complete: boolean;
}

story('what happens in the middle: a wrong password, cancel, and what dies', async (story) => {
  const work = await mkdtemp(join(tmpdir(), 'rp-story-'));
  story.finally(() => rm(work, { recursive: true, force: true }));
  const lab = await startLab(join(work, 'lab'), RIGHT);
  story.finally(() => lab.stop());
  const store = join(work, 'store');
  const host = { name: 'hv01', url: lab.url, user: lab.user, pathMap: lab.pathMap };
  const server = await story.server({ settings: { 'refpoint.hosts': [host] } });
  const window = await story.window(server);
  const job = window.row('Jobs', 'Back up sample-vm');

  const backUp = async (kind: string): Promise<void> => {
    await window.command('Refpoint: Back Up…');
    await window.question('Back up sample-vm');
    await window.quickRow(kind).click();
  };
  const points = async (): Promise<readonly Point[]> =>
    runRefpoint(['store', 'show', '--store', store]);
  const complete = async (): Promise<number> =>
    (await points()).filter(({ complete }) => complete).length;

  await story.step(
    'a wrong password is told where it is typed, and the right one is taken',
    async () => {
      await window.showViews();
      await window.row('Hosts', 'hv01').dblclick();
      await window.answer('Password of Administrator on hv01', WRONG);
      await window.page
        .getByText('The host refused user or password. Try again.')
        .first()
        .waitFor();
      await window.answer('Password of Administrator on hv01', RIGHT);
      await window.row('Hosts', 'sample-vm').waitFor();
    },
  );

  await story.step('a backup that is cancelled in the middle leaves nothing', async () => {
    await window.command('Refpoint: Add Store…');
    await window.answer('Add Store', store);
    await window.row('Stores', 'store').waitFor();
    await lab.fault(HOLD);
    await backUp('Full');
    const running = window.notification('Back up sample-vm');
    await until('its job runs', async () => (await running.innerText()).includes('heckpoint'));
    await window.press(running, 'Cancel');
    await window.row('Jobs', /Back up sample-vm.*cancelling/).waitFor();
    await lab.clearFaults();
    await window.notification('cancelled. Nothing is left of it.').waitFor();
    assert.match(await job.innerText(), /cancelled/);
    assert.deepEqual(await points(), []);
    const shown = await vmShow(lab.url, lab.user);
    assert.deepEqual([shown.checkpoints, shown.referencePoints], [[], []]);
  });

  await story.step('a job goes on when the engine is killed, and its end is told', async () => {
    await window.dismissNotifications();
    await lab.fault(HOLD);
    await backUp('Full');
    await window.row('Jobs', /Back up sample-vm.*heckpoint/).waitFor();
    const engine = await engineOf(server.home);
    process.kill(engine.pid, 'SIGKILL');
    await endOf(engine.pid);
    await lab.clearFaults();
    await window.notification(/Back up sample-vm: full backup .* MiB read/).waitFor();
    assert.notEqual((await engineOf(server.home)).pid, engine.pid);
    assert.match(await job.innerText(), /done/);
  });

  await story.step('a job and a map go on when the window is reloaded', async () => {
    await window.dismissNotifications();
    await window.expand(window.row('Stores', 'store'));
    await window.expand(window.row('Stores', 'sample-vm'));
    const point = window.point('Full');
    await point.hover();
    await point.getByRole('button', { name: 'Open Change Map' }).click();
    const title = await new MapView(window).drawn();
    await runRefpoint(['lab', 'write', '--dir', lab.folder, '--vm', 'sample-vm', '--random', '50']);
    await lab.fault(HOLD);
    await backUp('incremental by file');
    await window.row('Jobs', /Back up sample-vm.*heckpoint/).waitFor();
    await window.reload();
    await window.showViews();
    await window.row('Jobs', /Back up sample-vm.*heckpoint/).waitFor();
    assert.equal(await new MapView(window).drawn(), title);
    await lab.clearFaults();
    await window.notification(/Back up sample-vm: incremental backup .* MiB read/).waitFor();
    assert.equal(await complete(), 2);
    await window.expand(window.row('Hosts', 'hv01'));
    await window.row('Hosts', 'sample-vm').waitFor();
  });

  await story.step('a job whose process died shows as interrupted, and runs again', async () => {
    await window.dismissNotifications();
    await lab.fault(HOLD);
    await backUp('Automatic');
    await window.row('Jobs', /Back up sample-vm.*heckpoint/).waitFor();
    process.kill(await runningJob(server.userFolder), 'SIGKILL');
    const told = window.notification('interrupted, its process ended before it was done.');
    await told.waitFor();
    assert.match(await job.innerText(), /interrupted/);
    await lab.clearFaults();
    await until('the host has made what the dead one asked for', async () => {
      return (await vmShow(lab.url, lab.user)).checkpoints.length === 1;
    });
    await window.press(told, 'Run Again');
    await window.notification(/Back up sample-vm: incremental backup .* read/).waitFor();
    const shown = await vmShow(lab.url, lab.user);
    assert.deepEqual(shown.checkpoints, [], 'what the dead one left is gone');
  });

  await story.step('the engine ends with its extension host; the job goes on', async () => {
    await window.dismissNotifications();
    const before = await complete();
    await lab.fault(HOLD);
    await backUp('Automatic');
    await window.row('Jobs', /Back up sample-vm.*heckpoint/).waitFor();
    const engine = await engineOf(server.home);
    process.kill(engine.parent, 'SIGKILL');
    const milliseconds = Math.round(await endOf(engine.pid));
    await story.figure(
      `engine ended ${milliseconds} ms after its extension host was killed (limit 5000)`,
    );
    assertInTime(milliseconds, 5000);
    await lab.clearFaults();
    await until('the job has made its point', async () => {
      return (await complete()) === before + 1;
    });
  });

  await story.step('no log holds a password that was typed, the wrong one neither', async () => {
    let count = 0;
    for (const folder of [server.logs, server.userFolder, store]) {
      for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || /\.(?:a?vhdx|hashes)$/.test(entry.name)) continue;
        const text = await readFile(join(entry.parentPath, entry.name), 'utf8');
        for (const password of [RIGHT, WRONG]) {
          assert.ok(!text.includes(password), `${entry.name} holds a password`);
        }
        count++;
      }
    }
    assert.ok(count >= 10, `${count} files`);
  });
});

/** The process of the only job that runs. */
async function runningJob(userFolder: string): Promise<number> {
  for (const id of await readdir(join(userFolder, 'jobs'))) {
    const text = await readFile(join(userFolder, 'jobs', id, 'state.json'), 'utf8');
    const { state, pid } = JSON.parse(text) as { readonly state: string; readonly pid: number };
    if (state === 'running') return pid;
  }
  throw new Error('no job runs');
}

interface VmShown {
  readonly checkpoints: readonly unknown[];
  readonly referencePoints: readonly unknown[];
}

function vmShow(url: string, user: string): Promise<VmShown> {
  const words = ['vm', 'show', 'sample-vm', '--host', url, '--user', user];
  return runRefpoint(words, { REFPOINT_PASSWORD: RIGHT });
}
