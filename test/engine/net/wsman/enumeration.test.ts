import assert from 'node:assert/strict';
import type http from 'node:http';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { WmiRecord } from '../../../../src/engine/hyperv/wmi-record.ts';
import { scriptedHost, send, sendFault } from '../../../support/host/scripted-host.ts';
import { collect } from '../../../support/checks/collect.ts';

const VM_URI =
  'http://schemas.microsoft.com/wbem/wsman/1/wmi/root/virtualization/v2/Msvm_ComputerSystem';

const vm = (n: number, load = 0): string =>
  `<p:Msvm_ComputerSystem xmlns:p="${VM_URI}"><p:CreationClassName>Msvm_ComputerSystem</p:CreationClassName><p:Name>vm${n}</p:Name><p:ProcessID>${load}</p:ProcessID></p:Msvm_ComputerSystem>`;

const epr = (n: number): string =>
  `<a:EndpointReference><a:Address>x</a:Address><a:ReferenceParameters><w:ResourceURI>${VM_URI}</w:ResourceURI><w:SelectorSet><w:Selector Name="CreationClassName">Msvm_ComputerSystem</w:Selector><w:Selector Name="Name">vm${n}</w:Selector></w:SelectorSet></a:ReferenceParameters></a:EndpointReference>`;

/** A host with rows, which it hands out in batches and under contexts like a real one. */
class Batches {
  readonly #rows: readonly string[];
  readonly #fit: number;
  /** Number of Enumerates so far. */
  runs = 0;
  released: string[] = [];
  #next = 0;

  constructor(rows: readonly string[], fit = Infinity) {
    this.#rows = rows;
    this.#fit = fit;
  }

  answer(body: string, response: http.ServerResponse): void {
    const release = /Release>.*?EnumerationContext>([^<]*)</s.exec(body)?.[1];
    if (release !== undefined) {
      this.released.push(release);
      send(response, '');
      return;
    }
    const pull = body.includes('<n:Pull>');
    if (!pull) {
      this.runs++;
      this.#next = 0;
    }
    const max = Number(/MaxElements>(\d+)</.exec(body)?.[1]);
    if (max > this.#fit) {
      sendFault(response, 'EncodingLimit', 2150858824);
      return;
    }
    const rows = this.#rows.slice(this.#next, this.#next + Math.min(max, 3));
    this.#next += rows.length;
    const end = this.#next >= this.#rows.length;
    const name = pull ? 'PullResponse' : 'EnumerateResponse';
    const space = pull ? 'n' : 'w';
    send(
      response,
      `<n:${name}>${end ? '' : `<n:EnumerationContext>run${this.runs}</n:EnumerationContext>`}<${space}:Items>${rows.join('')}</${space}:Items>${end ? `<${space}:EndOfSequence/>` : ''}</n:${name}>`,
    );
  }
}

const names = (rows: readonly { properties: ReadonlyMap<string, unknown> }[]): unknown[] =>
  rows.map(({ properties }) => properties.get('Name'));
const TEN = Array.from({ length: 10 }, (_, n) => `vm${n}`);

test('rows arrive before the host has sent the last one, and a consumer that stops releases the enumeration', async (t) => {
  const host = new Batches(TEN.map((_, n) => vm(n)));
  const { client, asked } = await scriptedHost(t, (body, response) => host.answer(body, response));
  for await (const row of client.enumerate('Msvm_ComputerSystem', never)) {
    assert.equal(new WmiRecord(row).text('Name'), 'vm0');
    assert.equal(asked.length, 1);
    break;
  }
  assert.deepEqual(host.released, ['run1']);
});

test('an enumeration that expired is restarted: no row is lost, none comes twice, though values changed', async (t) => {
  let load = 0;
  const host = new Batches(TEN.map((_, n) => vm(n)));
  const { client } = await scriptedHost(t, (body, response) => {
    // The host forgets the first run before its third batch, and lists the rows the other way round then.
    if (host.runs === 1 && body.includes('run1') && body.includes('<n:Pull>') && ++load === 2) {
      sendFault(response, 'InvalidEnumerationContext', 2150858779);
      Object.assign(changed, { now: true });
      return;
    }
    (changed.now ? second : host).answer(body, response);
  });
  const changed = { now: false };
  const second = new Batches(TEN.map((_, n) => vm(9 - n, 77)));
  second.runs = 1;
  const rows = await collect(client.enumerate('Msvm_ComputerSystem', never));
  assert.deepEqual(
    names(rows)
      .map(String)
      .toSorted((a, b) => a.localeCompare(b)),
    TEN,
  );
  assert.equal(second.runs, 2);
});

test('batches that do not fit into an envelope are asked for again in smaller ones', async (t) => {
  const host = new Batches(
    TEN.map((_, n) => vm(n)),
    5,
  );
  const { client } = await scriptedHost(t, (body, response) => host.answer(body, response));
  assert.deepEqual(names(await collect(client.enumerate('Msvm_ComputerSystem', never))), TEN);
});

test('equal rows of one answer are all delivered, also after a restart', async (t) => {
  const fragment = '<w:XmlFragment><ElementName>web</ElementName></w:XmlFragment>';
  const host = new Batches(Array.from({ length: 8 }, () => fragment));
  let pulls = 0;
  const { client } = await scriptedHost(t, (body, response) => {
    if (body.includes('<n:Pull>') && ++pulls === 2) {
      sendFault(response, 'InvalidEnumerationContext', 2150858779);
      return;
    }
    host.answer(body, response);
  });
  const wql = 'SELECT ElementName FROM Msvm_ComputerSystem';
  const rows = await collect(client.query(wql, never));
  assert.equal(rows.length, 8);
  assert.deepEqual([...new Set(rows.map((row) => row.className))], ['Msvm_ComputerSystem']);
  assert.equal(host.runs, 2);
});

test('references alone, and objects with references, name every key', async (t) => {
  const keys = { CreationClassName: 'Msvm_ComputerSystem', Name: 'vm1' };
  const reference = { className: 'Msvm_ComputerSystem', keys };
  const alone = new Batches([epr(1), epr(2)]);
  const both = new Batches([`<w:Item>${vm(1)}${epr(1)}</w:Item>`]);
  const { client, asked } = await scriptedHost(t, (body, response) =>
    (body.includes('>EnumerateEPR<') ? alone : both).answer(body, response),
  );
  const [first, second] = await collect(client.enumerateReferences('Msvm_ComputerSystem', never));
  assert.deepEqual(first, reference);
  assert.equal(second?.keys['Name'], 'vm2');
  const [row] = await collect(client.enumerateWithReferences('Msvm_ComputerSystem', never));
  assert.deepEqual(row?.reference, reference);
  assert.match(asked.at(-1) ?? '', />EnumerateObjectAndEPR</);
});

test('a query of another namespace goes to the address of that namespace', async (t) => {
  const host = new Batches([]);
  const { client, asked } = await scriptedHost(t, (body, response) => host.answer(body, response));
  const wql = 'SELECT * FROM MSCluster_Resource';
  await collect(client.query({ namespace: 'root/MSCluster', wql }, never));
  await collect(
    client.enumerate({ namespace: 'root/MSCluster', className: 'MSCluster_Cluster' }, never),
  );
  assert.match(asked[0] ?? '', /wmi\/root\/MSCluster\/\*</);
  assert.match(asked[1] ?? '', /wmi\/root\/MSCluster\/MSCluster_Cluster</);
});

const of = {
  object: { className: 'Msvm_ComputerSystem', keys: { Name: 'A' } },
  assocClass: 'Msvm_SettingsDefineState',
  resultClass: 'Msvm_VirtualSystemSettingData',
};

test('a host that refuses ASSOCIATORS text is asked by the association filter, from then on at once', async (t) => {
  const host = new Batches([`<w:Item>${vm(1)}${epr(1)}</w:Item>`]);
  const { client, asked } = await scriptedHost(t, (body, response) => {
    if (body.includes('ASSOCIATORS OF')) sendFault(response, 'CannotProcessFilter', 2150858778);
    else host.answer(body, response);
  });
  for (let i = 0; i < 2; i++) {
    assert.equal((await collect(client.associators(of, never))).length, 1);
  }
  assert.equal(asked.length, 3);
  assert.match(
    asked[2] ?? '',
    /cimbinding\/associationFilter"><b:AssociatedInstances><b:Object><a:Address>.*<\/b:Object><b:AssociationClassName>Msvm_SettingsDefineState<\/b:AssociationClassName><b:ResultClassName>Msvm_VirtualSystemSettingData<\/b:ResultClassName><\/b:AssociatedInstances>/,
  );
});

test('a host that refuses both forms is reported by its refusal of the text', async (t) => {
  const { client } = await scriptedHost(t, (body, response) =>
    body.includes('ASSOCIATORS OF')
      ? sendFault(response, 'CannotProcessFilter', 2150858778)
      : sendFault(response, 'CannotProcessFilter', 2150858777),
  );
  await assert.rejects(collect(client.associators(of, never)), (error: { data?: unknown }) => {
    assert.equal((error.data as { number: number }).number, 2150858778);
    return true;
  });
});

test('a quota fault is waited for', async (t) => {
  const host = new Batches([vm(1)]);
  let refusals = 0;
  const { client } = await scriptedHost(t, (body, response) => {
    if (refusals++ < 2) sendFault(response, 'QuotaLimit', 2150859174);
    else host.answer(body, response);
  });
  assert.equal((await collect(client.enumerate('Msvm_ComputerSystem', never))).length, 1);
  assert.equal(refusals, 3);
});
