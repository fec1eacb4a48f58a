import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import type { WireFaults, WireOperation } from '../../../../src/engine/lab/wsman/wire-faults.ts';
import { Secret } from '../../../../src/engine/net/auth/contract/secret.ts';
import { cimInstance } from '../../../../src/engine/cim/model.ts';
import { parseObjectPath } from '../../../../src/engine/cim/object-path.ts';
import { resourceUri } from '../../../../src/engine/net/wsman/names.ts';
import {
  enumerateRequest,
  pullRequest,
} from '../../../../src/engine/net/wsman/enumerate-requests.ts';
import { all, PASSWORD, smallHost, USER } from '../../../support/host/small-host.ts';
import { SETTING_ID, SmallRepository, VM_ID } from '../../../support/host/small-repository.ts';

const service = {
  className: 'Msvm_Service',
  keys: { CreationClassName: 'Msvm_Service' },
};
const vmReference = {
  className: 'Msvm_ComputerSystem',
  keys: { CreationClassName: 'Msvm_ComputerSystem', Name: VM_ID },
};

test('the lab says that it is one, and tells its version only to those who log in', async (t) => {
  const host = await smallHost(t, new SmallRepository());
  const identity = await host.client().identify(never);
  assert.equal(identity.productVendor, 'Refpoint Lab');
  assert.match(identity.productVersion, /^OS: 10\./);
  assert.equal(identity.protocolVersion, 'http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd');
});

test('an instance arrives with nulls, arrays, datetimes, intervals and big numbers as they are', async (t) => {
  const host = await smallHost(t, new SmallRepository());
  const { className, properties } = await host.client().get(vmReference, never);
  assert.equal(className, 'Msvm_ComputerSystem');
  assert.equal(properties.get('ElementName'), 'web & <db>');
  assert.equal(properties.get('Description'), null);
  assert.deepEqual(properties.get('OperationalStatus'), ['2', '32768']);
  assert.equal(properties.has('StatusDescriptions'), false);
  assert.equal(properties.get('InstallDate'), '2026-03-02T08:15:36.68424Z');
  assert.equal(properties.get('Delay'), 'P0DT0H5M0S');
  assert.equal(properties.get('OnTimeInMilliseconds'), '18446744073709551615');
  assert.equal(properties.get('Replica'), 'true');
  assert.deepEqual([...properties.keys()], [...properties.keys()].sort());
});

test('white space in a property is kept, not taken for null', async (t) => {
  const host = await smallHost(t, new SmallRepository());
  const rows = await all(
    host.client().query("SELECT * FROM Msvm_ComputerSystem WHERE Name='lab01'", never),
  );
  assert.equal(rows[0]?.properties.get('Description'), ' ');
});

test('an enumeration gives every instance once, subclasses included, over several batches', async (t) => {
  const kinds: string[] = [];
  const host = await smallHost(t, new SmallRepository(450), { faults: recording(kinds) });
  const rows = await all(host.client().enumerate('CIM_ComputerSystem', never));
  const names = rows.map((row) => row.properties.get('Name'));
  assert.equal(new Set(names).size, 452);
  assert.equal(names.length, 452);
  assert.ok(rows.every((row) => row.className === 'Msvm_ComputerSystem'));
  assert.deepEqual(kinds, ['enumerate', 'pull', 'pull']);
});

test('large instances come in answers of at most MaxEnvelopeSize', async (t) => {
  const kinds: string[] = [];
  const repository = new SmallRepository(40, 'd'.repeat(60_000));
  const host = await smallHost(t, repository, { faults: recording(kinds) });
  const sizes: number[] = [];
  const client = host.client({
    log: ({ message, data }) => {
      if (message.startsWith('answer')) sizes.push(String(data?.['envelope']).length);
    },
  });
  assert.equal((await all(client.enumerate('Msvm_ComputerSystem', never))).length, 42);
  assert.ok(kinds.length > 4, `${kinds.length} answers`);
  assert.ok(Math.max(...sizes) <= 512_000, `${Math.max(...sizes)} bytes`);
});

test('an instance that no answer can hold is refused, whatever the batch', async (t) => {
  const host = await smallHost(t, new SmallRepository(1, 'd'.repeat(600_000)));
  await assert.rejects(all(host.client().enumerate('Msvm_ComputerSystem', never)), {
    code: 'wsman.fault.envelopeTooLarge',
  });
});

test('references come with the instances and lead back to them', async (t) => {
  const client = (await smallHost(t, new SmallRepository())).client();
  const rows = await all(client.enumerateWithReferences('Msvm_ComputerSystem', never));
  assert.equal(rows.length, 2);
  for (const { instance, reference } of rows) {
    assert.deepEqual(await client.get(reference, never), instance);
  }
});

test('a query with a quoted name finds that name only', async (t) => {
  const client = (await smallHost(t, new SmallRepository())).client();
  const wql = String.raw`SELECT * FROM Msvm_VirtualSystemSettingData WHERE Notes='a\\b "c" \'d\''`;
  assert.equal((await all(client.query(wql, never))).length, 1);
  const other = String.raw`SELECT * FROM Msvm_VirtualSystemSettingData WHERE Notes='a\\b'`;
  assert.equal((await all(client.query(other, never))).length, 0);
});

test('associations are followed both ways', async (t) => {
  const client = (await smallHost(t, new SmallRepository())).client();
  const path = `Msvm_ComputerSystem.CreationClassName='Msvm_ComputerSystem',Name='${VM_ID}'`;
  const settings = await all(
    client.query(
      `ASSOCIATORS OF {${path}} WHERE AssocClass=Msvm_SettingsDefineState ResultClass=Msvm_VirtualSystemSettingData`,
      never,
    ),
  );
  assert.deepEqual(
    settings.map((each) => each.properties.get('InstanceID')),
    [SETTING_ID],
  );
  const back = `ASSOCIATORS OF {Msvm_VirtualSystemSettingData.InstanceID='${SETTING_ID}'} WHERE ResultRole=ManagedElement`;
  assert.equal((await all(client.query(back, never)))[0]?.properties.get('Name'), VM_ID);
  const otherRole = back.replace('ResultRole=ManagedElement', 'ResultRole=SettingData');
  assert.deepEqual(await all(client.query(otherRole, never)), []);
  const links = await all(
    client.query(`REFERENCES OF {${path}} WHERE ResultClass=Msvm_SettingsDefineState`, never),
  );
  assert.deepEqual(links[0]?.properties.get('SettingData'), {
    className: 'Msvm_VirtualSystemSettingData',
    keys: { InstanceID: SETTING_ID },
  });
});

test('a method receives every kind of argument and its results come back', async (t) => {
  const repository = new SmallRepository();
  const client = (await smallHost(t, repository)).client();
  const embedded = {
    className: 'Msvm_SnapshotSettings',
    properties: [
      { name: 'ConsistencyLevel', type: 'uint8', value: 2 },
      { name: 'Ignore', type: 'boolean', value: true },
      { name: 'Label', type: 'string', value: 'R&D <1> "q" ü' },
      { name: 'Paths', type: 'string', value: ['C:\\a & b.vhdx'] },
      { name: 'When', type: 'datetime', value: '20261122140305.000000+000' },
    ],
  } as const;
  const args = {
    System: vmReference,
    Systems: [vmReference, vmReference],
    Settings: { embedded },
    Many: [{ embedded }, { embedded }],
    Count: 65535,
    Big: 18446744073709551615n,
    Flag: false,
    When: { datetime: '2026-11-22T14:03:05Z' },
    Words: ['one', ' two ', '<&>'],
  };
  const call = { target: service, method: 'Echo', args, repeatable: false };
  const result = await client.invoke(call, never);
  const reference = { className: 'Msvm_ComputerSystem', keys: vmReference.keys };
  const settings = {
    embedded: cimInstance('Msvm_SnapshotSettings', {
      ConsistencyLevel: 2,
      Ignore: true,
      Label: 'R&D <1> "q" ü',
      Paths: ['C:\\a & b.vhdx'],
      When: '20261122140305.000000+000',
    }),
  };
  assert.deepEqual(repository.calls[0]?.args, {
    System: reference,
    Systems: [reference, reference],
    Settings: settings,
    Many: [settings, settings],
    Count: 65535,
    Big: 18446744073709551615n,
    Flag: false,
    When: '2026-11-22T14:03:05Z',
    Words: ['one', ' two ', '<&>'],
  });
  assert.equal(repository.calls[0]?.caller, `LAB01\\${USER}`);
  assert.equal(result.returnValue, 4096);
  assert.deepEqual(result.out.get('Job'), {
    className: 'Msvm_ConcreteJob',
    keys: { InstanceID: 'j & 1' },
  });
  const summary = result.out.get('Summary') as { className: string };
  assert.equal(summary.className, 'Msvm_ComputerSystem');
  assert.match(result.out.get('Result') as string, /&#38;/);
});

test('a wrong password is told as such, without the password', async (t) => {
  const host = await smallHost(t, new SmallRepository());
  const credential = { user: USER, password: new Secret('Geheim-4711') };
  const client = host.client({ credential });
  await assert.rejects(client.identify(never), (error: Error & { code: string }) => {
    assert.equal(error.code, 'http.auth.failed');
    const everything =
      JSON.stringify(error) + String(error) + String(error.stack) + JSON.stringify(credential);
    assert.ok(!everything.includes('Geheim'));
    assert.ok(!everything.includes(Buffer.from(`${USER}:Geheim-4711`).toString('base64')));
    return true;
  });
});

test('a password beyond ASCII is understood', async (t) => {
  const host = await smallHost(t, new SmallRepository(), { password: 'pä:ßw€rd' });
  assert.equal((await host.client().identify(never)).productVendor, 'Refpoint Lab');
});

test('without a user the error asks for one', async (t) => {
  const host = await smallHost(t, new SmallRepository());
  await assert.rejects(host.client({ credential: undefined }).identify(never), {
    code: 'http.auth.missing',
  });
});

test('no log record of a whole conversation holds the password', async (t) => {
  const records: string[] = [];
  const host = await smallHost(t, new SmallRepository());
  const client = host.client({ log: (record) => records.push(JSON.stringify(record)) });
  await all(client.enumerate('Msvm_ComputerSystem', never));
  const text = records.join('\n');
  assert.ok(text.includes('Enumerate'));
  assert.ok(!text.includes(PASSWORD));
  assert.ok(!text.includes(Buffer.from(`${USER}:${PASSWORD}`).toString('base64')));
});

test('a read whose connection is lost is repeated', async (t) => {
  const kinds: string[] = [];
  let lost = 0;
  const host = await smallHost(t, new SmallRepository(), {
    faults: {
      before: async ({ kind }) => {
        kinds.push(kind);
        return lost++ === 0 ? 'drop' : 'pass';
      },
    },
  });
  const { properties } = await host.client().get(vmReference, never);
  assert.equal(properties.get('Name'), VM_ID);
  assert.deepEqual(kinds, ['get', 'get']);
});

test('a call whose answer is lost is never repeated', async (t) => {
  const repository = new SmallRepository();
  const host = await smallHost(t, repository, { faults: { after: async () => 'drop' } });
  await assert.rejects(
    host.client().invoke({ target: service, method: 'Echo', args: {}, repeatable: false }, never),
    { code: 'http.lost' },
  );
  assert.equal(repository.calls.length, 1);
});

test('a host that lost its session is asked once more, and not twice', async (t) => {
  let refusals = 0;
  const repository = new SmallRepository();
  const host = await smallHost(t, repository, {
    faults: { before: async () => (refusals-- > 0 ? 'unauthorized' : 'pass') },
  });
  const client = host.client();
  await client.identify(never);
  refusals = 1;
  assert.equal(
    (await client.invoke({ target: service, method: 'Echo', args: {}, repeatable: false }, never))
      .returnValue,
    4096,
  );
  assert.equal(repository.calls.length, 1);
  refusals = 2;
  await assert.rejects(
    client.invoke({ target: service, method: 'Echo', args: {}, repeatable: false }, never),
    { code: 'http.auth.failed' },
  );
});

test('an enumeration that is cancelled is released', async (t) => {
  const kinds: string[] = [];
  const controller = new AbortController();
  const host = await smallHost(t, new SmallRepository(300), {
    faults: {
      before: async ({ kind }) => {
        kinds.push(kind);
        if (kind === 'pull') controller.abort(new Error('enough'));
        return 'pass';
      },
    },
  });
  const rows = all(host.client().enumerate('Msvm_ComputerSystem', controller.signal));
  await assert.rejects(rows, { message: 'enough' });
  assert.deepEqual(kinds, ['enumerate', 'pull', 'release']);
});

test('a context that ended is an error, not a second enumeration', async (t) => {
  const client = (await smallHost(t, new SmallRepository(5))).client();
  const resource = resourceUri('Msvm_ComputerSystem');
  const options = { resourceUri: resource, mode: 'object' as const, maxElements: 3 };
  const { context } = await client.send(enumerateRequest(options), never);
  assert.ok(context !== undefined);
  await client.send(pullRequest(options, context), never);
  await client.send(pullRequest(options, context), never);
  await assert.rejects(client.send(pullRequest(options, context), never), {
    code: 'wsman.fault.invalidContext',
  });
});

test('cancelling stops a request that hangs, with the reason given', async (t) => {
  const release: (() => void)[] = [];
  const host = await smallHost(t, new SmallRepository(), {
    faults: { before: () => new Promise((resolve) => release.push(() => resolve('pass'))) },
  });
  const controller = new AbortController();
  const waiting = host.client().get(vmReference, controller.signal);
  setTimeout(() => controller.abort(new Error('the user pressed Ctrl-C')), 50);
  await assert.rejects(waiting, /pressed Ctrl-C/);
  for (const go of release) go();
});

test('a host that does not answer in time is a timeout', async (t) => {
  const release: (() => void)[] = [];
  const host = await smallHost(t, new SmallRepository(), {
    faults: { before: () => new Promise((resolve) => release.push(() => resolve('pass'))) },
  });
  await assert.rejects(host.client({ timeoutSeconds: 0.2 }).identify(never), {
    code: 'http.timeout',
  });
  for (const go of release) go();
});

test('more calls than connections all get their answers', async (t) => {
  let now = 0;
  let most = 0;
  const host = await smallHost(t, new SmallRepository(), {
    faults: {
      before: async () => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setTimeout(resolve, 5));
        now--;
        return 'pass';
      },
    },
  });
  const client = host.client();
  const rows = await Promise.all(Array.from({ length: 20 }, () => client.get(vmReference, never)));
  assert.ok(rows.every((row) => row.properties.get('Name') === VM_ID));
  assert.ok(most <= 4, `${most} at once`);
});

test('a failure inside a method is an internal error with its text', async (t) => {
  const client = (await smallHost(t, new SmallRepository())).client();
  await assert.rejects(
    client.invoke({ target: service, method: 'Break', args: {}, repeatable: false }, never),
    {
      code: 'wsman.fault.internal',
      message: /caught fire/,
    },
  );
});

test('nothing that listens, a name that does not exist, and a service that is no WinRM are told apart', async (t) => {
  const host = await smallHost(t, new SmallRepository());
  const { httpPort } = host.server;
  await assert.rejects(host.client({ url: `${host.url}/elsewhere` }).identify(never), {
    code: 'http.status',
  });
  await host.server.close();
  await assert.rejects(host.client().identify(never), {
    code: 'http.unreachable',
    message: new RegExp(`127\\.0\\.0\\.1:${httpPort} cannot be reached: nothing listens there`),
  });
});

test('object paths of the lab lead to their instance', async (t) => {
  const client = (await smallHost(t, new SmallRepository())).client();
  const reference = parseObjectPath(
    `\\\\LAB01\\root\\virtualization\\v2:Msvm_VirtualSystemSettingData.InstanceID="${SETTING_ID}"`,
  );
  assert.ok(reference !== undefined);
  assert.equal((await client.get(reference, never)).properties.get('ElementName'), 'web');
});

function recording(kinds: string[]): Partial<WireFaults> {
  return {
    before: async ({ kind }: WireOperation) => {
      kinds.push(kind);
      return 'pass';
    },
  };
}
