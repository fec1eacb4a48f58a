import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { requests } from '../../../../src/engine/api/methods.ts';
import { WELCOMES } from '../../../../src/extension/contributions/view-table.ts';
import { hostLabel, readHosts } from '../../../../src/extension/settings/hosts.ts';
import { fakeWindow } from '../../../support/extension/extension-window.ts';
import { vmRow } from '../../../support/extension/samples.ts';
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
