import assert from 'node:assert/strict';
import { beforeEach, test, type TestContext } from 'node:test';
import type { VmRow } from '../../../src/engine/api/host.ts';
import { requests } from '../../../src/engine/api/methods.ts';
import type { HostNode } from '../../../src/extension/nodes/nodes.ts';
import { Cancelled } from '../../../src/extension/engine/engine-error.ts';
import { fakeWindow, settled } from '../../support/extension/extension-window.ts';
import { failure } from '../../support/extension/fake-engine.ts';
import { vmRow } from '../../support/extension/samples.ts';
import type { TreeItem } from '../../support/vscode/values.ts';
import { type } from '../../support/vscode/script.ts';
import { workbench } from '../../support/vscode/workbench.ts';

beforeEach(() => workbench.reset());

const HOST = { name: 'hv', url: 'http://127.0.0.1:5985' };
const COUNT = 1000;

/** The rows of a host of 1,000 VMs in its own order, without counts. */
const found = (from: number, to: number): readonly Partial<VmRow>[] =>
  Array.from({ length: to - from }, (_, i) => {
    const { id, name, state, operation } = vmRow(COUNT - from - i);
    return { id, name, state, operation };
  });

/** The text of a row's tooltip. */
function tip(item: TreeItem | undefined): string {
  const { tooltip } = item ?? {};
  return typeof tooltip === 'string' ? tooltip : JSON.stringify(tooltip ?? item?.label);
}

/** A window whose host has been opened, and has not answered yet. */
async function listing(t: TestContext) {
  workbench.settings.put('refpoint.hosts', [HOST]);
  const window = await fakeWindow(t);
  const answer = Promise.withResolvers<VmRow[]>();
  let cancelled = 0;
  window.engine.on(requests.listVms, (_, token) => {
    token.onCancellationRequested(() => {
      cancelled++;
      answer.reject(new Cancelled('cancelled'));
    });
    return answer.promise;
  });
  const [root] = await window.hosts.rows();
  assert.ok(root);
  const opened = window.hosts.expand(root.node);
  await settled();
  const drawn = (): number =>
    window.hosts.refreshed.filter((node) => node?.id === root.node.id).length;
  const row = async () => (await window.hosts.rows())[0]?.item;
  return {
    ...window,
    root: root.node as HostNode,
    answer,
    opened,
    drawn,
    row,
    ends: () => cancelled,
  };
}

test('the VMs of a host show as they arrive, sorted; the tree is drawn a few times, and once at the end', async (t) => {
  const { engine, hosts, root, answer, opened, drawn, row, services } = await listing(t);
  engine.sendRows(found(0, 10));
  const first = await opened;
  assert.equal(first.length, 10);
  assert.deepEqual(
    first.slice(0, 2).map(({ item }) => item.label),
    ['vm991', 'vm992'],
  );
  assert.match(tip(first[0]?.item), /running/);
  assert.doesNotMatch(tip(first[0]?.item), /Disks/);
  assert.equal((await row())?.description, 'listing VMs');
  assert.equal(
    services.hosts.host(root.id)?.state,
    'disconnected',
    'commands wait for the whole list',
  );
  for (let at = 10; at < COUNT; at += 10) engine.sendRows(found(at, at + 10));
  assert.ok((await hosts.rows(root)).length >= COUNT / 2);
  assert.ok(drawn() <= 8, `${drawn()} times for 100 parts`);
  const before = drawn();
  answer.resolve(Array.from({ length: COUNT }, (_, i) => vmRow(i + 1)));
  await settled();
  const rows = await hosts.rows(root);
  assert.equal(rows.length, COUNT);
  assert.match(tip(rows[0]?.item), /Disks/);
  // Once with the list, and once with the facts about the login.
  assert.equal(drawn(), before + 2);
  assert.equal((await row())?.description, '1000 VMs');
  assert.equal(engine.count(requests.listVms), 1);
});

test('a host whose row is closed is no longer asked; opened again, it is asked again', async (t) => {
  const { engine, hosts, root, opened, row, ends } = await listing(t);
  engine.sendRows(found(0, 10));
  await opened;
  hosts.collapse(root);
  await settled();
  assert.equal(ends(), 1);
  assert.equal((await row())?.description, 'not connected');
  assert.equal(engine.count(requests.listVms), 1, 'not asked again before it is opened');
  engine.on(requests.listVms, () => [vmRow(1)]);
  assert.deepEqual(
    (await hosts.expand(root)).map(({ item }) => item.label),
    ['vm1'],
  );
});

test('a host that is removed, or disconnected, is no longer asked', async (t) => {
  const one = await listing(t);
  one.engine.sendRows(found(0, 10));
  one.services.hosts.disconnect(one.root.id);
  await settled();
  assert.equal(one.ends(), 1);
  assert.equal((await one.row())?.description, 'not connected');
  workbench.reset();
  const other = await listing(t);
  workbench.settings.put('refpoint.hosts', []);
  other.services.hosts.readSettings();
  assert.equal(other.ends(), 1);
});

test('a command that waits for the list keeps it going when the row is closed', async (t) => {
  const { hosts, root, answer, ends, services } = await listing(t);
  const connected = services.hosts.connect(root.id, false);
  hosts.collapse(root);
  answer.resolve([vmRow(1)]);
  await connected;
  assert.equal(ends(), 0);
  assert.equal(services.hosts.host(root.id)?.state, 'connected');
});

test('a host that fails in the middle shows its failure instead of half a list', async (t) => {
  const { engine, hosts, root, answer, opened } = await listing(t);
  engine.sendRows(found(0, 10));
  await opened;
  answer.reject(failure('http.lost', 'The connection was lost'));
  await settled();
  const rows = await hosts.rows(root);
  assert.equal(rows.length, 1);
  assert.match(tip(rows[0]?.item), /lost|connection/i);
});

test('a double click, which opens and closes the row, does not give up the login that it began', async (t) => {
  workbench.settings.put('refpoint.hosts', [{ ...HOST, user: 'Administrator' }]);
  const { engine, hosts, services } = await fakeWindow(t);
  engine.on(requests.listVms, () => {
    engine.sendRows(found(0, 1));
    return [vmRow(COUNT)];
  });
  const [root] = await hosts.rows();
  assert.ok(root);
  workbench.play(type('secret'));
  const opened = hosts.expand(root.node);
  hosts.collapse(root.node);
  await opened;
  await settled();
  assert.equal((await hosts.rows())[0]?.item.description, '1 VM');
  assert.equal(services.hosts.host(root.node.id)?.state, 'connected');
  workbench.assertDone();
});
