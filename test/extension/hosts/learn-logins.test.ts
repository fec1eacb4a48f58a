import assert from 'node:assert/strict';
import { beforeEach, test, type TestContext } from 'node:test';
import type { HostTest } from '../../../src/engine/api/host.ts';
import { requests } from '../../../src/engine/api/methods.ts';
import { fakeWindow, settled } from '../../support/extension/extension-window.ts';
import { failure } from '../../support/extension/fake-engine.ts';
import { hostTest, vmRow } from '../../support/extension/samples.ts';
import { press } from '../../support/vscode/script.ts';
import { workbench } from '../../support/vscode/workbench.ts';

beforeEach(() => workbench.reset());

const HOST = { url: 'http://hv01:5985', authentication: 'kerberos' as const };
const REASON = 'the realm has no service HTTP/hv01';

async function connected(t: TestContext, login: Partial<HostTest>) {
  workbench.settings.put('refpoint.hosts', [HOST]);
  const window = await fakeWindow(t);
  window.engine
    .on(requests.listVms, () => [vmRow(1)])
    .on(requests.testHost, () => hostTest({ host: 'http://hv01:5985/wsman', ...login }));
  const id = window.services.hosts.hosts[0]?.id ?? '';
  const connect = async (): Promise<void> => {
    await window.services.hosts.connect(id, true);
    await settled();
  };
  const tooltip = async (): Promise<string> => {
    const [row] = await window.hosts.rows();
    return JSON.stringify(row?.item.tooltip);
  };
  return { ...window, id, connect, tooltip };
}

test('the row of a host tells its mechanism and protection, asked for once in a connection', async (t) => {
  const { connect, tooltip, engine, services } = await connected(t, { mechanism: 'kerberos' });
  assert.doesNotMatch(await tooltip(), /Kerberos/);
  await connect();
  assert.match(await tooltip(), /Login.*Kerberos, messages sealed/);
  for (let i = 0; i < 5; i++) await services.hosts.refresh();
  assert.equal(engine.count(requests.testHost), 1);
  assert.deepEqual(workbench.said(), []);
});

test('what is not sealed is told as it is', async (t) => {
  const tls = await connected(t, { host: 'https://hv01:5986', mechanism: 'basic', sealed: false });
  await tls.connect();
  assert.match(await tls.tooltip(), /Basic, over TLS/);
});

test('a fall from Kerberos to NTLM is said once in a session, with its reason', async (t) => {
  const { connect, services, id, tooltip } = await connected(t, { fallback: REASON });
  await connect();
  await services.hosts.refresh();
  await settled();
  const warnings = (): readonly string[] => workbench.said('warning');
  assert.equal(warnings().length, 1);
  assert.match(warnings()[0] ?? '', /hv01.*NTLM was used.*no service HTTP\/hv01/);
  assert.match(await tooltip(), /NTLM, messages sealed. Kerberos was not possible: the realm/);
  services.hosts.disconnect(id);
  await connect();
  assert.equal(warnings().length, 2, 'another session');
});

test('a host that was down for a while does not say it again', async (t) => {
  const { connect, engine, services } = await connected(t, { fallback: REASON });
  await connect();
  engine.fail(requests.listVms, failure('http.unreachable', 'down'));
  await services.hosts.refresh();
  engine.on(requests.listVms, () => [vmRow(1)]);
  await services.hosts.refresh();
  await settled();
  assert.equal(services.hosts.connected.length, 1);
  assert.equal(workbench.said('warning').length, 1);
});

test('the warning forbids NTLM by its setting, which the next request carries', async (t) => {
  const { connect, engine, services } = await connected(t, { fallback: REASON });
  workbench.play(press('Forbid NTLM'));
  await connect();
  workbench.assertDone();
  assert.equal(workbench.settings.get('refpoint.ntlmFallback'), false);
  await services.hosts.refresh();
  assert.equal(engine.paramsOf(requests.listVms).at(-1)?.target.ntlmFallback, false);
});

test('a test that fails takes nothing from the connection', async (t) => {
  const { connect, engine, services } = await connected(t, {});
  engine.fail(requests.testHost, failure('wsman.fault.accessDenied', 'no'));
  await connect();
  assert.equal(services.hosts.connected.length, 1);
  assert.deepEqual(workbench.said(), []);
});
