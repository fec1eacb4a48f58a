import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BASIC,
  ENUM,
  VM_KEYS,
  WMI,
  WQL,
  contextOf,
  count,
  echo,
  enumerate,
  envelope,
  pull,
  refused,
  strictHost,
  wql,
  type Parts,
} from '../../../support/host/strict-wsman.ts';
import { PASSWORD, USER } from '../../../support/host/small-host.ts';
import { VM_ID } from '../../../support/host/small-repository.ts';

test('both spellings of the path are served, others are not there', async (t) => {
  const { ask } = await strictHost(t);
  assert.equal((await ask({ selectors: VM_KEYS })).status, 200);
  assert.equal(
    (await ask({ selectors: VM_KEYS }, { Authorization: BASIC }, '/wsman/')).status,
    200,
  );
  assert.equal((await ask({ selectors: VM_KEYS }, { Authorization: BASIC }, '/other')).status, 404);
});

test('who does not log in is offered Negotiate and Basic, and nothing else', async (t) => {
  const { ask } = await strictHost(t);
  for (const Authorization of ['', 'Negotiate TlRMTVNTUAAB', 'Basic !!!', `Basic ${btoa('x:y')}`]) {
    const answer = await ask({}, Authorization === '' ? {} : { Authorization });
    assert.equal(answer.status, 401);
    assert.equal(answer.headers.get('www-authenticate'), 'Negotiate, Basic realm="WSMAN"');
    assert.equal(answer.headers.get('server'), 'Microsoft-HTTPAPI/2.0');
    assert.equal(answer.text, '');
  }
});

test('the scheme and the user are compared without case, a domain is allowed', async (t) => {
  const { ask } = await strictHost(t);
  const token = Buffer.from(`LAB01\\${USER.toUpperCase()}:${PASSWORD}`).toString('base64');
  assert.equal(
    (await ask({ selectors: VM_KEYS }, { Authorization: `bAsIc ${token}` })).status,
    200,
  );
});

test('Identify needs no login with WSMANIDENTIFY, and is masked then; nothing else passes so', async (t) => {
  const { ask } = await strictHost(t);
  const identify = `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"><s:Header/><s:Body><i:Identify/></s:Body></s:Envelope>`;
  const anonymous = { WSMANIDENTIFY: 'unauthenticated' };
  const masked = await ask(identify, anonymous);
  assert.equal(masked.status, 200);
  assert.match(masked.text, /OS: 0\.0\.0 SP: 0\.0/);
  assert.match(masked.text, /Refpoint Lab/);
  assert.doesNotMatch((await ask(identify)).text, /OS: 0\.0\.0/);
  assert.equal((await ask(identify, {})).status, 401);
  assert.equal((await ask({ selectors: VM_KEYS }, anonymous)).status, 401);
});

test('the answer relates to the request as it was spelled', async (t) => {
  const { ask } = await strictHost(t);
  const messageId = '<a:MessageID>any &lt;text&gt; ü</a:MessageID>';
  const { text, headers } = await ask({ selectors: VM_KEYS, messageId });
  assert.match(text, /<a:RelatesTo>any &lt;text&gt; ü<\/a:RelatesTo>/);
  assert.match(
    text,
    /<a:Action>http:\/\/schemas.xmlsoap.org\/ws\/2004\/09\/transfer\/GetResponse</,
  );
  assert.equal(headers.get('content-type'), 'application/soap+xml;charset=UTF-8');
});

test('headers are checked as Windows checks them', async (t) => {
  const { ask } = await strictHost(t);
  const get: Parts = { selectors: VM_KEYS };
  await refused(ask, { ...get, replyTo: '' }, 'MessageInformationHeaderRequired', 2150858768);
  const other = '<a:ReplyTo><a:Address>http://me/</a:Address></a:ReplyTo>';
  await refused(ask, { ...get, replyTo: other }, 'UnsupportedFeature', 2150858818);
  const empty = '<a:MessageID></a:MessageID>';
  await refused(ask, { ...get, messageId: empty }, 'InvalidMessageInformationHeader', 2150858767);
  await refused(ask, { ...get, messageId: '' }, 'InvalidMessageInformationHeader', 2150858767);
  const locale = '<w:Locale xml:lang="en-US" mustUnderstand="1"/>';
  await refused(ask, { ...get, headers: locale }, 'UnsupportedFeature', 2150858887);
  const small = '<w:MaxEnvelopeSize>8191</w:MaxEnvelopeSize>';
  await refused(ask, { ...get, headers: small }, 'EncodingLimit', 2150858878);
  const timeout = '<w:OperationTimeout>60</w:OperationTimeout>';
  await refused(ask, { ...get, headers: timeout }, 'InvalidMessageInformationHeader', 2150858767);
  await refused(ask, { ...get, action: 'urn:dance' }, 'ActionNotSupported', 2150858771);
  await refused(ask, { ...get, action: '' }, 'MessageInformationHeaderRequired', 2150858768);
  const put = 'http://schemas.xmlsoap.org/ws/2004/09/transfer/Put';
  await refused(ask, { ...get, action: put }, 'ActionNotSupported', 2150858771);
});

test('an operation that takes longer than OperationTimeout is answered TimedOut, and the next one works', async (t) => {
  let slow = true;
  const { ask } = await strictHost(t, {
    faults: {
      before: async () => {
        if (slow) await new Promise((resolve) => setTimeout(resolve, 300));
        return 'pass';
      },
    },
  });
  const headers = '<w:OperationTimeout>PT0.05S</w:OperationTimeout>';
  await refused(ask, { selectors: VM_KEYS, headers }, 'TimedOut', 2150858793);
  slow = false;
  assert.equal(
    (await ask({ selectors: VM_KEYS, headers: '<w:OperationTimeout>PT1M</w:OperationTimeout>' }))
      .status,
    200,
  );
});

test('Get needs all keys and no others, names and values without case', async (t) => {
  const { ask } = await strictHost(t);
  await refused(ask, { selectors: { Name: VM_ID } }, 'DestinationUnreachable', 2150858770);
  await refused(ask, {}, 'DestinationUnreachable', 2150858770);
  await refused(
    ask,
    { selectors: { ...VM_KEYS, More: '1' } },
    'DestinationUnreachable',
    2150858770,
  );
  const lower = { creationclassname: 'msvm_computersystem', name: VM_ID.toLowerCase() };
  assert.equal(
    (await ask({ selectors: lower, resource: `${WMI}/msvm_computersystem` })).status,
    200,
  );
  const namespace = { ...VM_KEYS, __cimnamespace: 'root\\virtualization\\v2' };
  assert.equal((await ask({ selectors: namespace })).status, 200);
  const wrong = { ...VM_KEYS, __cimnamespace: 'root/cimv2' };
  await refused(ask, { selectors: wrong }, 'InvalidSelectors', 2150859067);
});

test('classes and namespaces that are not there, and URIs of other kinds, are told apart', async (t) => {
  const { ask } = await strictHost(t);
  const parts = { selectors: VM_KEYS };
  await refused(
    ask,
    { ...parts, resource: `${WMI}/Msvm_Nothing` },
    'DestinationUnreachable',
    2147749904,
  );
  const cimv2 = WMI.replace('virtualization/v2', 'cimv2');
  await refused(
    ask,
    { ...parts, resource: `${cimv2}/Win32_Service` },
    'DestinationUnreachable',
    2147749902,
  );
  await refused(
    ask,
    { ...parts, resource: 'http://example.org/x' },
    'DestinationUnreachable',
    2150858811,
  );
  await refused(
    ask,
    wql('SELECT * FROM X', { resource: `${cimv2}/*` }),
    'CannotProcessFilter',
    2150858778,
  );
});

test('WQL is taken on the URI of all classes only', async (t) => {
  const { ask } = await strictHost(t);
  const query = 'SELECT * FROM Msvm_ComputerSystem';
  const onClass = wql(query, { resource: `${WMI}/Msvm_ComputerSystem` });
  await refused(ask, onClass, 'CannotProcessFilter', 2150859003);
  assert.equal((await ask(wql(query))).status, 200);
  await refused(ask, enumerate(''), 'CannotProcessFilter', 2150858778);
  const dialect = enumerate('<w:Filter Dialect="urn:sql">SELECT 1</w:Filter>');
  await refused(ask, dialect, 'FilterDialectRequestedUnavailable', 2150858777);
  const elsewhere = enumerate(`<n:Filter Dialect="${WQL}">${query}</n:Filter>`);
  await refused(ask, elsewhere, 'CannotProcessFilter', 2150858778);
});

test('without MaxElements an answer holds one item', async (t) => {
  const { ask } = await strictHost(t);
  const resource = `${WMI}/Msvm_ComputerSystem`;
  const first = await ask(enumerate('<w:OptimizeEnumeration/>', { resource }));
  assert.equal(count(first.text, 'p:Msvm_ComputerSystem'), 1);
  const plain = await ask(enumerate('', { resource }));
  assert.equal(count(plain.text, 'p:Msvm_ComputerSystem'), 0);
  const pulled = await ask(pull(contextOf(plain.text), ''));
  assert.equal(count(pulled.text, 'p:Msvm_ComputerSystem'), 1);
  assert.match(pulled.text, /<n:Items>/);
});

test('an enumeration ends with EndOfSequence and without a context', async (t) => {
  const { ask } = await strictHost(t);
  const resource = `${WMI}/Msvm_ComputerSystem`;
  const max = (prefix: string): string => `<${prefix}:MaxElements>5</${prefix}:MaxElements>`;
  const first = await ask(enumerate(`<w:OptimizeEnumeration/>${max('w')}`, { resource }));
  assert.match(first.text, /<w:Items>/);
  assert.doesNotMatch(first.text, /EndOfSequence/);
  const context = contextOf(first.text);
  const last = await ask(pull(context, max('n')));
  assert.equal(count(last.text, 'p:Msvm_ComputerSystem'), 3);
  assert.match(last.text, /<n:EndOfSequence\/>/);
  assert.doesNotMatch(last.text, /EnumerationContext/);
  await refused(ask, pull(context, max('n')), 'InvalidEnumerationContext', 2150858779);
});

test('a Pull must repeat MaxElements and MaxEnvelopeSize of its Enumerate', async (t) => {
  const { ask } = await strictHost(t);
  const resource = `${WMI}/Msvm_ComputerSystem`;
  const headers = '<w:MaxEnvelopeSize>20000</w:MaxEnvelopeSize>';
  const start = enumerate('<w:OptimizeEnumeration/><w:MaxElements>2</w:MaxElements>', {
    resource,
    headers,
  });
  const context = contextOf((await ask(start)).text);
  const two = '<n:MaxElements>2</n:MaxElements>';
  await refused(
    ask,
    { ...pull(context, '<n:MaxElements>3</n:MaxElements>'), headers },
    'InvalidParameter',
    2150859181,
  );
  await refused(ask, pull(context, two), 'InvalidParameter', 2150859181);
  assert.equal((await ask({ ...pull(context, two), headers })).status, 200);
});

test('a released context is gone', async (t) => {
  const { ask } = await strictHost(t);
  const resource = `${WMI}/Msvm_ComputerSystem`;
  const context = contextOf((await ask(enumerate('', { resource }))).text);
  const release = {
    action: `${ENUM}/Release`,
    resource,
    body: `<n:Release><n:EnumerationContext>${context}</n:EnumerationContext></n:Release>`,
  };
  assert.equal((await ask(release)).status, 200);
  await refused(ask, pull(context, ''), 'InvalidEnumerationContext', 2150858779);
});

test('answers stay below the MaxEnvelopeSize that was asked for', async (t) => {
  const { ask } = await strictHost(t, {}, 20);
  const resource = `${WMI}/Msvm_ComputerSystem`;
  const headers = '<w:MaxEnvelopeSize>8192</w:MaxEnvelopeSize>';
  const start = enumerate('<w:OptimizeEnumeration/><w:MaxElements>50</w:MaxElements>', {
    resource,
    headers,
  });
  const { text } = await ask(start);
  assert.ok(Buffer.byteLength(text) <= 8192, `${text.length} bytes`);
  const items = count(text, 'p:Msvm_ComputerSystem');
  assert.ok(items > 0 && items < 22, `${items} items`);
  assert.doesNotMatch(text, /EndOfSequence/);
});

test('the three enumeration modes give what they promise, another is refused', async (t) => {
  const { ask } = await strictHost(t);
  const resource = `${WMI}/Msvm_ComputerSystem`;
  const mode = (name: string): Parts =>
    enumerate(
      `<w:OptimizeEnumeration/><w:MaxElements>50</w:MaxElements><w:EnumerationMode>${name}</w:EnumerationMode>`,
      { resource },
    );
  const references = (await ask(mode('EnumerateEPR'))).text;
  assert.equal(count(references, 'a:EndpointReference'), 8);
  assert.equal(count(references, 'p:Msvm_ComputerSystem'), 0);
  const both = (await ask(mode('EnumerateObjectAndEPR'))).text;
  assert.equal(count(both, 'w:Item>'), 8);
  assert.equal(count(both, 'a:EndpointReference'), 8);
  assert.equal(count(both, 'p:Msvm_ComputerSystem'), 8);
  await refused(ask, mode('EnumerateDreams'), 'UnsupportedFeature', 2150858886);
});

test('a projection gives fragments whose children have no namespace, in the order of the alphabet', async (t) => {
  const { ask } = await strictHost(t);
  const { text } = await ask(
    wql(`SELECT Name, ElementName FROM Msvm_ComputerSystem WHERE Name='${VM_ID}'`),
  );
  assert.match(
    text,
    new RegExp(
      `<w:XmlFragment[^>]*><ElementName>web &amp;amp; &amp;lt;db&amp;gt;</ElementName><Name>${VM_ID}</Name></w:XmlFragment>`.replaceAll(
        '&amp;',
        '&',
      ),
    ),
  );
});

test('an instance is rendered as Windows renders it', async (t) => {
  const { ask } = await strictHost(t);
  const { text } = await ask({ selectors: VM_KEYS });
  assert.equal(
    text.slice(text.indexOf('<s:Body>') + 8, text.indexOf('</s:Body>')),
    `<p:Msvm_ComputerSystem xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:p="${WMI}/Msvm_ComputerSystem" xmlns:cim="http://schemas.dmtf.org/wbem/wscim/1/common" xsi:type="p:Msvm_ComputerSystem_Type">` +
      '<p:CreationClassName>Msvm_ComputerSystem</p:CreationClassName>' +
      '<p:Delay><cim:Interval>P0DT0H5M0S</cim:Interval></p:Delay>' +
      '<p:Description xsi:nil="true"/>' +
      '<p:ElementName>web &amp; &lt;db&gt;</p:ElementName>' +
      '<p:EnabledState>2</p:EnabledState>' +
      '<p:InstallDate><cim:Datetime>2026-03-02T08:15:36.68424Z</cim:Datetime></p:InstallDate>' +
      `<p:Name>${VM_ID}</p:Name>` +
      '<p:OnTimeInMilliseconds>18446744073709551615</p:OnTimeInMilliseconds>' +
      '<p:OperationalStatus>2</p:OperationalStatus><p:OperationalStatus>32768</p:OperationalStatus>' +
      '<p:Replica>true</p:Replica>' +
      '</p:Msvm_ComputerSystem>',
  );
});

test('selector filters and association filters select', async (t) => {
  const { ask } = await strictHost(t);
  const bySelector = enumerate(
    '<w:OptimizeEnumeration/><w:MaxElements>50</w:MaxElements>' +
      '<w:Filter Dialect="http://schemas.dmtf.org/wbem/wsman/1/wsman/SelectorFilter">' +
      '<w:SelectorSet><w:Selector Name="ElementName">EXTRA 3</w:Selector></w:SelectorSet></w:Filter>',
    { resource: `${WMI}/Msvm_ComputerSystem` },
  );
  assert.equal(count((await ask(bySelector)).text, 'p:Msvm_ComputerSystem'), 1);
  const object =
    '<b:Object><a:Address>any</a:Address><a:ReferenceParameters>' +
    `<w:ResourceURI>${WMI}/Msvm_ComputerSystem</w:ResourceURI><w:SelectorSet>` +
    `<w:Selector Name="CreationClassName">Msvm_ComputerSystem</w:Selector><w:Selector Name="Name">${VM_ID}</w:Selector>` +
    '</w:SelectorSet></a:ReferenceParameters></b:Object>';
  const associated = (kind: string, rest: string): Parts =>
    enumerate(
      '<w:OptimizeEnumeration/><w:MaxElements>50</w:MaxElements>' +
        '<w:Filter Dialect="http://schemas.dmtf.org/wbem/wsman/1/cimbinding/associationFilter">' +
        `<b:${kind}>${object}${rest}</b:${kind}></w:Filter>`,
    );
  const assoc = '<b:AssociationClassName>Msvm_SettingsDefineState</b:AssociationClassName>';
  const instances = await ask(associated('AssociatedInstances', assoc));
  assert.equal(count(instances.text, 'p:Msvm_VirtualSystemSettingData'), 1);
  const links = await ask(associated('AssociationInstances', '<b:Role>ManagedElement</b:Role>'));
  assert.equal(count(links.text, 'p:Msvm_SettingsDefineState'), 1);
  const none = await ask(associated('AssociationInstances', '<b:Role>SettingData</b:Role>'));
  assert.equal(count(none.text, 'p:Msvm_SettingsDefineState'), 0);
});

test('a request above the limit is refused with 413, and the connection goes on', async (t) => {
  const { ask } = await strictHost(t);
  const huge = await ask(echo(`<p:Words>${'x'.repeat(600_000)}</p:Words>`));
  assert.equal(huge.status, 413);
  assert.equal((await ask({ selectors: VM_KEYS })).status, 200);
});

test('what is no envelope is a schema error', async (t) => {
  const { ask } = await strictHost(t);
  for (const text of [
    '',
    'hello',
    '<a/>',
    `<!DOCTYPE s><s/>`,
    '<s:Envelope/>',
    envelope({}).slice(0, 200),
  ]) {
    await refused(ask, text, 'SchemaValidationError', 2150858817);
  }
});
