import assert from 'node:assert/strict';
import { beforeEach, test, type TestContext } from 'node:test';
import { requests } from '../../../../src/engine/api/methods.ts';
import { WELCOMES } from '../../../../src/extension/contributions/view-table.ts';
import { hostLabel, readHosts } from '../../../../src/extension/settings/hosts.ts';
import { fakeWindow, settled } from '../../../support/extension/extension-window.ts';
import { failure } from '../../../support/extension/fake-engine.ts';
import { hostTest, vmRow } from '../../../support/extension/samples.ts';
import { giveUp } from '../../../support/vscode/script.ts';
import { workbench } from '../../../support/vscode/workbench.ts';

beforeEach(() => workbench.reset());

test('this computer is added without an address, a user or a password', async (t) => {
  const { run, services, engine, secrets } = await fakeWindow(t);
  engine.on(requests.listVms, () => [vmRow(1)]).on(requests.listJobs, () => []);
  await run('refpoint.addThisComputer');
  workbench.assertDone();
  assert.deepEqual(readHosts(), [{ url: 'local' }]);
  assert.equal(hostLabel(readHosts()[0] ?? assert.fail()), 'This Computer');
  assert.equal(services.hosts.connected.length, 1);
  assert.equal(secrets.values.size, 0);
  const [{ target } = assert.fail()] = engine.paramsOf(requests.listVms);
  assert.deepEqual([target.url, target.user, target.password], ['local', '', '']);
  await run('refpoint.addThisComputer');
  assert.equal(readHosts().length, 1, 'it is in the list once');
});

test('Edit Host of this computer offers no login', async (t) => {
  workbench.settings.put('refpoint.hosts', [{ url: 'Local', user: 'somebody' }]);
  const { run, services } = await fakeWindow(t);
  assert.equal(readHosts()[0]?.url, 'local');
  workbench.play(giveUp());
  await run('refpoint.editHost', services.hosts.hosts[0]);
  const [{ rows } = assert.fail()] = workbench.asked;
  assert.ok(rows.length > 2);
  assert.ok(!rows.some((row) => /Login|User|Password/.test(row)), rows.join());
});

test('the welcome view offers this computer first where it has Hyper-V', () => {
  const here = WELCOMES.find(({ when }) => when.includes('&& refpoint.hyperVHere'));
  const [first] = here?.contents.match(/\(command:[^)]+\)/g) ?? [];
  assert.equal(first, '(command:refpoint.addThisComputer)');
});

const WAY =
  /join the group Hyper-V Administrators and sign in again, or start the editor as administrator/;

test('the welcome view says which rights this computer asks for', () => {
  const here = WELCOMES.find(({ when }) => when.includes('&& refpoint.hyperVHere'));
  assert.match(here?.contents ?? '', /Hyper-V Administrators.*as administrator/);
  const elsewhere = WELCOMES.find(({ when }) => when.includes('&& !refpoint.hyperVHere'));
  assert.doesNotMatch(elsewhere?.contents ?? '', /dministrator/);
});

async function listed(t: TestContext, url: string) {
  workbench.settings.put('refpoint.hosts', [{ url, user: 'keeper' }]);
  const window = await fakeWindow(t);
  const tooltips = async (): Promise<readonly string[]> => {
    const rows = await window.hosts.rows();
    const children = await window.hosts.rows(rows[0]?.node);
    return [...rows, ...children].map(({ item }) => JSON.stringify(item.tooltip));
  };
  const connect = async (): Promise<void> => {
    const [id = ''] = window.services.hosts.hosts.map((each) => each.id);
    await window.services.hosts.connect(id, true).catch(() => undefined);
    await settled();
  };
  return { ...window, connect, tooltips };
}

for (const [what, code] of [
  ['refuses the user', 'powershell.fault.accessDenied'],
  ['shows the user no services', 'host.rights'],
] as const) {
  for (const url of ['local', 'http://hv01:5985']) {
    test(`if ${url} ${what}, host and row say how to get the rights on this computer alone`, async (t) => {
      const { engine, connect, tooltips } = await listed(t, url);
      engine.on(requests.listVms, () => {
        throw failure(code, 'denied');
      });
      await connect();
      const found = (await tooltips()).map((tooltip) => WAY.test(tooltip));
      assert.deepEqual(found, url === 'local' ? [true, true] : [false, false]);
    });
  }
}

test('without a VM to see, this computer says how to get the rights', async (t) => {
  const here = await listed(t, 'local');
  here.engine.on(requests.listVms, () => []).on(requests.testHost, () => hostTest());
  await here.connect();
  const [, row = ''] = await here.tooltips();
  assert.match(row, /no VM that this user may see/);
  assert.match(row, WAY);
});

for (const [elevated, says] of [
  [true, /Administrator rights: yes/],
  [false, /Administrator rights: no: .*virtual disk API, start the editor as administrator/],
] as const) {
  test(`the row of this computer tells whether the engine is elevated (${elevated})`, async (t) => {
    const here = await listed(t, 'local');
    here.engine
      .on(requests.listVms, () => [vmRow(1)])
      .on(requests.testHost, () => hostTest({ host: 'local', mechanism: null, elevated }));
    await here.connect();
    assert.match((await here.tooltips())[0] ?? '', says);
  });
}

test('the row of a host tells that shadow copies are not possible with these rights, else nothing', async (t) => {
  const message = 'The account may not list shadow copies.';
  for (const findings of [[{ code: 'vss.denied', severity: 'info', message } as const], []]) {
    const here = await listed(t, 'local');
    here.engine
      .on(requests.listVms, () => [vmRow(1)])
      .on(requests.testHost, () => hostTest({ findings }));
    await here.connect();
    const [row = ''] = await here.tooltips();
    const told = /Shadow copies: not possible: .*administrator of the host/.test(row);
    assert.equal(told, findings.length > 0, row);
    workbench.reset();
  }
});
