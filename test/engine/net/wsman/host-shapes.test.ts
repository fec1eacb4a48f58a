import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import type { CimInstance } from '../../../../src/engine/cim/model.ts';
import { OPERATION } from '../../../../src/engine/hyperv/calls/operations.ts';
import { perform } from '../../../../src/engine/hyperv/calls/perform.ts';
import { question } from '../../../../src/engine/hyperv/calls/question.ts';
import { attachedDisks } from '../../../../src/engine/hyperv/inventory/disks.ts';
import { listVirtualMachines } from '../../../../src/engine/hyperv/inventory/vm-list.ts';
import { toCheckpoint } from '../../../../src/engine/hyperv/inventory/checkpoints.ts';
import { WmiRecord } from '../../../../src/engine/hyperv/wmi-record.ts';
import { collect } from '../../../support/checks/collect.ts';
import { scriptedHost, send, sendFault, XML } from '../../../support/host/scripted-host.ts';

// Answers in the shapes that hosts were recorded to send, a host in German among them. The values are ours.

const V2 = 'http://schemas.microsoft.com/wbem/wsman/1/wmi/root/virtualization/v2';
const VM = '7D2C9A10-3B5E-4F61-8A77-0C1D2E3F4A5B';

const row = (className: string, properties: string): string =>
  `<p:${className} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:p="${V2}/${className}" xmlns:cim="http://schemas.dmtf.org/wbem/wscim/1/common" xsi:type="p:${className}_Type">${properties}</p:${className}>`;

const bare = (name: string, className: string, keys: Readonly<Record<string, string>>): string =>
  `<p:${name} xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"><a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address><a:ReferenceParameters><w:ResourceURI>${V2}/${className}</w:ResourceURI><w:SelectorSet>${Object.entries(
    keys,
  )
    .map(([key, value]) => `<w:Selector Name="${key}">${value}</w:Selector>`)
    .join('')}</w:SelectorSet></a:ReferenceParameters></p:${name}>`;

const output = (className: string, method: string, content: string): string =>
  `<p:${method}_OUTPUT xmlns:p="${V2}/${className}">${content}</p:${method}_OUTPUT>`;

const whole = (items: string): string =>
  `<n:EnumerateResponse><n:EnumerationContext/><w:Items>${items}</w:Items><w:EndOfSequence/></n:EnumerateResponse>`;

test('the host’s own row and its VMs come one by one, with captions in the host’s language', async (t) => {
  const own = row(
    'Msvm_ComputerSystem',
    '<p:Caption>Hostcomputersystem</p:Caption><p:CreationClassName>Msvm_ComputerSystem</p:CreationClassName><p:Description>Microsoft-Hostcomputersystem</p:Description><p:ElementName>HVDE01</p:ElementName><p:EnabledState>2</p:EnabledState><p:InstallDate xsi:nil="true"/><p:Name>HVDE01</p:Name><p:OperationalStatus>2</p:OperationalStatus><p:ProcessID xsi:nil="true"/>',
  );
  const vm = row(
    'Msvm_ComputerSystem',
    `<p:Caption>Virtueller Computer</p:Caption><p:CreationClassName>Msvm_ComputerSystem</p:CreationClassName><p:ElementName>Büro &amp; Lager</p:ElementName><p:EnabledState>6</p:EnabledState><p:InstallDate><cim:Datetime>2026-10-08T15:15:36.68424Z</cim:Datetime></p:InstallDate><p:LastSuccessfulBackupTime><cim:Datetime>1601-01-01T00:00:00Z</cim:Datetime></p:LastSuccessfulBackupTime><p:Name>${VM}</p:Name><p:OnTimeInMilliseconds>18446744073709551615</p:OnTimeInMilliseconds><p:OperationalStatus>2</p:OperationalStatus><p:OperationalStatus>32772</p:OperationalStatus>`,
  );
  const { client } = await scriptedHost(t, (body, response) => {
    const pull = (items: string, more: string): void =>
      send(response, `<n:PullResponse>${more}<n:Items>${items}</n:Items></n:PullResponse>`);
    if (body.includes('/Msvm_ComputerSystem<') && body.includes('<n:Enumerate>')) {
      // Nothing but a context, as hosts answer that do not optimise.
      send(
        response,
        '<n:EnumerateResponse><n:EnumerationContext>uuid:1</n:EnumerationContext></n:EnumerateResponse>',
      );
    } else if (body.includes('>uuid:1<')) {
      pull(own, '<n:EnumerationContext>uuid:2</n:EnumerationContext>');
    } else if (body.includes('>uuid:2<')) {
      send(response, `<n:PullResponse><n:Items>${vm}</n:Items><n:EndOfSequence/></n:PullResponse>`);
    } else if (body.includes('SELECT ')) sendFault(response, 'CannotProcessFilter', 2150859003);
    else send(response, whole(''));
  });
  const rows: CimInstance[] = await collect(client.enumerate('Msvm_ComputerSystem', never));
  const record = new WmiRecord(rows[1] as CimInstance);
  assert.equal(rows.length, 2);
  assert.equal(record.time('InstallDate'), '2026-10-08T15:15:36.68424Z');
  assert.equal(record.time('LastSuccessfulBackupTime'), null);
  assert.equal(record.bigint('OnTimeInMilliseconds'), 2n ** 64n - 1n);
  // The host refuses projections here: whole rows give the same list.
  const vms = await listVirtualMachines(client, false, never);
  assert.deepEqual(
    vms.map(({ name, state, operation, node }) => [name, state, operation, node]),
    [['Büro & Lager', 'saved', 'merging disks', null]],
  );
});

test('a projection has no namespace in it, times included', async (t) => {
  const { client } = await scriptedHost(t, (_, response) =>
    send(
      response,
      whole(
        `<w:XmlFragment><CreationTime><Datetime>2026-05-01T07:00:00.5Z</Datetime></CreationTime><ElementName>Vor dem Update</ElementName><InstanceID>Microsoft:${VM}</InstanceID><Delay><Interval>P0DT0H0M30S</Interval></Delay><Notes xsi:nil="true"/><VirtualSystemType>Microsoft:Hyper-V:Snapshot:Recovery</VirtualSystemType></w:XmlFragment>`,
      ),
    ),
  );
  const wql =
    'SELECT CreationTime, ElementName, InstanceID, VirtualSystemType FROM Msvm_VirtualSystemSettingData';
  const [found] = await collect(client.query(wql, never));
  assert.ok(found !== undefined);
  assert.equal(found.className, 'Msvm_VirtualSystemSettingData');
  assert.equal(found.properties.get('Delay'), 'P0DT0H0M30S');
  assert.deepEqual(toCheckpoint(new WmiRecord(found)), {
    id: `Microsoft:${VM}`,
    name: 'Vor dem Update',
    type: 'backup',
    created: '2026-05-01T07:00:00.5Z',
  });
});

test('rows of an association hold bare references, and a summary holds objects', async (t) => {
  const association = row(
    'Msvm_AffectedJobElement',
    bare('AffectedElement', 'Msvm_VirtualSystemSettingData', { InstanceID: `Microsoft:${VM}` }) +
      bare('AffectingElement', 'Msvm_ConcreteJob', { InstanceID: VM }) +
      '<p:ElementEffects>5</p:ElementEffects>',
  );
  const summary = `<p:SummaryInformation xmlns:s2="${V2}/Msvm_SummaryInformation"><s2:Msvm_SummaryInformation><s2:Name>${VM}</s2:Name><s2:CreationTime><cim:Datetime>2026-01-02T03:04:05Z</cim:Datetime></s2:CreationTime></s2:Msvm_SummaryInformation></p:SummaryInformation>`;
  const { client } = await scriptedHost(t, (body, response) =>
    body.includes('_INPUT')
      ? send(
          response,
          output(
            'Msvm_VirtualSystemManagementService',
            'GetSummaryInformation',
            `${summary}${summary}<p:ReturnValue>0</p:ReturnValue>`,
          ),
        )
      : send(response, whole(association)),
  );
  const object = { className: 'Msvm_ConcreteJob', keys: { InstanceID: VM } };
  const [found] = await collect(client.references({ object }, never));
  assert.deepEqual(found?.properties.get('AffectedElement'), {
    className: 'Msvm_VirtualSystemSettingData',
    keys: { InstanceID: `Microsoft:${VM}` },
  });
  const target = { className: 'Msvm_VirtualSystemManagementService', keys: {} };
  const call = { target, method: 'GetSummaryInformation', args: {}, repeatable: true };
  const { out } = await client.invoke(call, never);
  const [first, second] = out.get('SummaryInformation') as readonly CimInstance[];
  assert.equal(first?.className, 'Msvm_SummaryInformation');
  assert.equal(second?.properties.get('CreationTime'), '2026-01-02T03:04:05Z');
});

for (const jobClass of ['Msvm_MigrationJob', 'Msvm_StorageJob', 'CIM_ConcreteJob'] as const) {
  test(`a ${jobClass} is read and asked for its errors by its own class`, async (t) => {
    const error =
      '&lt;INSTANCE CLASSNAME="Msvm_Error"&gt;&lt;PROPERTY NAME="Message" TYPE="string" PROPAGATED="true"&gt;&lt;VALUE&gt;Der Datenträger ist belegt (0x80070020).&lt;/VALUE&gt;&lt;/PROPERTY&gt;&lt;/INSTANCE&gt;';
    const { client, asked } = await scriptedHost(t, (body, response) => {
      if (body.includes('GetErrorEx_INPUT')) {
        const content = `<p:Errors>${error}</p:Errors><p:ReturnValue>0</p:ReturnValue>`;
        send(response, output(jobClass, 'GetErrorEx', content));
      } else if (body.includes('_INPUT')) {
        const job = bare('Job', jobClass, { InstanceID: VM });
        send(
          response,
          output(
            'Msvm_VirtualSystemSnapshotService',
            'DestroySnapshot',
            `${job}<p:ReturnValue>4096</p:ReturnValue>`,
          ),
        );
      } else {
        send(
          response,
          row(
            jobClass,
            '<p:ErrorCode>32768</p:ErrorCode><p:ErrorDescription></p:ErrorDescription><p:JobState>10</p:JobState>',
          ),
        );
      }
    });
    const checkpoint = {
      className: 'Msvm_VirtualSystemSettingData',
      keys: { InstanceID: `Microsoft:${VM}` },
    };
    await assert.rejects(
      perform(client, OPERATION.destroySnapshot, { AffectedSnapshot: checkpoint }, never),
      {
        code: 'host.job.failed',
        message:
          'DestroySnapshot failed on the host (32768, 0x80070020): another process holds the file. The host says: Der Datenträger ist belegt (0x80070020).',
      },
    );
    const uris = asked.slice(1).map((body) => /ResourceURI[^>]*>([^<]*)</.exec(body)?.[1]);
    assert.deepEqual(uris, [`${V2}/${jobClass}`, `${V2}/${jobClass}`]);
  });
}

test('a method that reads may start a job first, and one that starts jobs may be done at once', async (t) => {
  let calls = 0;
  const settings =
    '&lt;INSTANCE CLASSNAME="Msvm_VirtualHardDiskSettingData"&gt;&lt;PROPERTY NAME="DataAlignment" PROPAGATED="true" TYPE="uint64"&gt;&lt;/PROPERTY&gt;&lt;PROPERTY NAME="LogicalSectorSize" TYPE="uint32"&gt;&lt;VALUE&gt;4096&lt;/VALUE&gt;&lt;/PROPERTY&gt;&lt;PROPERTY NAME="MaxInternalSize" TYPE="uint64"&gt;&lt;VALUE&gt;1073741824&lt;/VALUE&gt;&lt;/PROPERTY&gt;&lt;PROPERTY NAME="ParentPath" TYPE="string"&gt;&lt;VALUE&gt;&lt;/VALUE&gt;&lt;/PROPERTY&gt;&lt;/INSTANCE&gt;';
  const disk = row(
    'Msvm_StorageAllocationSettingData',
    `<p:HostResource>D:\\vm\\a.vhdx</p:HostResource><p:InstanceID>Microsoft:${VM}\\83F8638B-8DCA-4152-9EDA-2CA8B33039B4\\0\\1\\L</p:InstanceID><p:PersistentReservationsSupported>FALSE</p:PersistentReservationsSupported><p:PoolID>   </p:PoolID><p:ResourceSubType>Microsoft:Hyper-V:Virtual Hard Disk</p:ResourceSubType>`,
  );
  const { client } = await scriptedHost(t, (body, response) => {
    if (body.includes('DestroySnapshot_INPUT')) {
      send(
        response,
        output('S', 'DestroySnapshot', '<p:Job xsi:nil="true"/><p:ReturnValue>0</p:ReturnValue>'),
      );
    } else if (body.includes('_INPUT')) {
      const job = bare('Job', 'Msvm_StorageJob', { InstanceID: VM });
      const started = `${job}<p:SettingData xsi:nil="true"/><p:ReturnValue>4096</p:ReturnValue>`;
      const done = `<p:SettingData>${settings}</p:SettingData><p:ReturnValue>0</p:ReturnValue>`;
      send(response, output('S', 'GetVirtualHardDiskSettingData', calls++ === 0 ? started : done));
    } else if (body.includes('transfer/Get')) {
      send(
        response,
        row('Msvm_StorageJob', '<p:ErrorCode>0</p:ErrorCode><p:JobState>7</p:JobState>'),
      );
    } else send(response, whole(body.includes('Msvm_StorageAllocation') ? disk : ''));
  });
  const [found] = await attachedDisks(client, VM, true, never);
  assert.equal(found?.slot, 'ide0:1');
  assert.equal(found.virtualSize, 2 ** 30);
  assert.equal(found.logicalSectorSize, 4096);
  assert.equal(found.parentPath, null);
  assert.equal(calls, 2);
  const args = { AffectedSnapshot: { className: 'C', keys: { InstanceID: 'x' } } };
  assert.equal(await perform(client, OPERATION.destroySnapshot, args, never), undefined);
  const read = await question(
    client,
    OPERATION.getVirtualHardDiskSettingData,
    { Path: 'x' },
    never,
  );
  assert.equal(read.returnValue, 0);
});

test('a fault without detail, with prefixes of another server, is read', async (t) => {
  const { client } = await scriptedHost(t, (_, response) => {
    response.writeHead(500, XML);
    response.end(
      '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope" xmlns:wsman="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd">\n <SOAP-ENV:Header/>\n <SOAP-ENV:Body>\n  <SOAP-ENV:Fault>\n   <SOAP-ENV:Code>\n    <SOAP-ENV:Value>SOAP-ENV:Sender</SOAP-ENV:Value>\n    <SOAP-ENV:Subcode>\n     <SOAP-ENV:Value>wsman:InvalidSelectors</SOAP-ENV:Value>\n    </SOAP-ENV:Subcode>\n   </SOAP-ENV:Code>\n   <SOAP-ENV:Reason>\n    <SOAP-ENV:Text xml:lang="en-US">a key is missing</SOAP-ENV:Text>\n   </SOAP-ENV:Reason>\n  </SOAP-ENV:Fault>\n </SOAP-ENV:Body>\n</SOAP-ENV:Envelope>',
    );
  });
  await assert.rejects(client.get({ className: 'C', keys: {} }, never), {
    code: 'wsman.fault.invalidSelectors',
    message:
      'The host refused Get of C: it answered InvalidSelectors (InvalidSelectors). The host says: a key is missing',
  });
});
