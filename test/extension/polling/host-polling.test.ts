import assert from 'node:assert/strict';
import { beforeEach, test, type TestContext } from 'node:test';
import { requests } from '../../../src/engine/api/methods.ts';
import { fakeWindow, settled } from '../../support/extension/extension-window.ts';
import { failure } from '../../support/extension/fake-engine.ts';
import { vmRow, vmShow } from '../../support/extension/samples.ts';
import { workbench } from '../../support/vscode/workbench.ts';

beforeEach(() => workbench.reset());

const HOST = { url: 'http://127.0.0.1:5985' };

/** A window with one connected host whose clock a test turns, in steps of a second. */
async function looking(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  workbench.settings.put('refpoint.hosts', [HOST]);
  const window = await fakeWindow(t);
  const { engine, services } = window;
  engine.on(requests.listJobs, () => []).on(requests.listVms, () => [vmRow(1)]);
  await services.hosts.connect(services.hosts.hosts[0]?.id ?? '', false);
  const asked = (): number => engine.count(requests.listVms);
  const pass = async (seconds: number): Promise<number> => {
    const before = asked();
    for (let i = 0; i < seconds; i++) {
      t.mock.timers.tick(1000);
      await settled();
    }
    return asked() - before;
  };
  return { ...window, asked, pass };
}

test('a host is asked again while its view is visible and the window has the focus, and not otherwise', async (t) => {
  const { hosts, asked, pass } = await looking(t);
  assert.equal(await pass(60), 0, 'nobody looks');
  hosts.visible = true;
  await settled();
  assert.equal(asked(), 2, 'what is looked at is fresh');
  assert.ok((await pass(30)) >= 2);
  const seen = asked();
  hosts.visible = false;
  hosts.visible = true;
  await settled();
  assert.equal(asked(), seen, 'going back and forth asks no more often');
  workbench.focus(false);
  assert.equal(await pass(300), 0, 'the window is behind another');
  workbench.focus(true);
  await settled();
  assert.equal(asked(), seen + 1);
  hosts.visible = false;
  assert.equal(await pass(300), 0);
});

test('a host on which nothing changes is asked ever more rarely, down to once a minute', async (t) => {
  const { hosts, engine, pass } = await looking(t);
  hosts.visible = true;
  await pass(120);
  assert.ok((await pass(600)) <= 10, 'without back-off it would be 120');
  let state: 'running' | 'off' = 'running';
  engine.on(requests.listVms, () => {
    state = state === 'off' ? 'running' : 'off';
    return [vmRow(1, { state })];
  });
  await pass(60);
  for (let i = 0; i < 10; i++) {
    assert.equal(await pass(5), 1, 'a change is followed by a look after five seconds');
  }
});

test('what the person does brings the short pauses back', async (t) => {
  const { hosts, run, pass } = await looking(t);
  hosts.visible = true;
  await pass(600);
  await run('refpoint.showEnvironment');
  await pass(1);
  assert.ok((await pass(20)) >= 2);
});

test('a host that is down is asked ever more rarely, tells nobody again, and is drawn once', async (t) => {
  const { hosts, engine, services, pass } = await looking(t);
  hosts.visible = true;
  await hosts.rows();
  engine.fail(requests.listVms, failure('http.unreachable', 'no route to host'));
  await pass(60);
  assert.equal(services.hosts.hosts[0]?.state, 'failed');
  const drawn = hosts.refreshed.length;
  assert.ok((await pass(600)) <= 10);
  assert.equal(hosts.refreshed.length, drawn, 'nothing is drawn again while nothing is new');
  assert.deepEqual(workbench.said(), []);
  engine.on(requests.listVms, () => [vmRow(1), vmRow(2)]);
  await pass(60);
  assert.equal(services.hosts.hosts[0]?.state, 'connected', 'it comes back by itself');
});

test('looks at a slow host never overlap, and it gets long pauses', async (t) => {
  const { hosts, engine, pass } = await looking(t);
  let open = 0;
  let most = 0;
  engine.on(requests.listVms, async () => {
    most = Math.max(most, ++open);
    await new Promise((resolve) => {
      setTimeout(resolve, 8000);
    });
    open--;
    return [vmRow(1)];
  });
  hosts.visible = true;
  const asked = await pass(600);
  assert.equal(most, 1);
  assert.ok(asked >= 5 && asked <= 10, `${asked} looks`);
});

test('details are asked again of VMs whose rows are open, a few in each look, and drawn only if they differ', async (t) => {
  const { hosts, engine, services, pass } = await looking(t);
  const all = Array.from({ length: 9 }, (_, i) => vmRow(i + 1));
  engine.on(requests.listVms, () => all);
  let checkpoints: ReturnType<typeof vmShow>['checkpoints'] = [];
  engine.on(requests.showVm, ({ vm }) => ({ ...vmShow(1), id: vm, checkpoints }));
  await services.hosts.refresh();
  hosts.visible = true;
  const [host] = services.hosts.hosts;
  assert.ok(host);
  for (const vm of services.hosts.vms(host.id)) {
    await services.hosts.details(vm);
    hosts.expand(vm);
  }
  await pass(1);
  const shown = engine.count(requests.showVm);
  const looks = await pass(5);
  assert.equal(looks, 1);
  assert.equal(engine.count(requests.showVm) - shown, 4, 'four of nine');
  const drawn = hosts.refreshed.length;
  await pass(30);
  const asked = new Set(
    engine
      .paramsOf(requests.showVm)
      .slice(shown)
      .map(({ vm }) => vm),
  );
  assert.equal(asked.size, 9, 'each has its turn');
  assert.equal(hosts.refreshed.length, drawn);
  checkpoints = [{ id: 'c', name: 'new', type: 'user', created: null, owner: 'unknown' }];
  await pass(60);
  const now = await services.hosts.details(services.hosts.vms(host.id)[0] ?? assert.fail());
  assert.equal(now.checkpoints.length, 1);
});

test('with the setting 0 nothing is asked; another value counts at once', async (t) => {
  const { hosts, asked, pass } = await looking(t);
  workbench.settings.put('refpoint.refreshSeconds', 0);
  hosts.visible = true;
  assert.equal(await pass(300), 0);
  const before = asked();
  workbench.settings.put('refpoint.refreshSeconds', 20);
  await settled();
  assert.equal(asked(), before + 1);
  assert.equal(await pass(19), 0);
  assert.equal(await pass(12), 1);
});
