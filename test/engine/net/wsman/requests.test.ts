import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  encodeEnvelope,
  envelopeBody,
  type WsmanRequest,
} from '../../../../src/engine/net/wsman/envelope.ts';
import { parseIdentity } from '../../../../src/engine/net/wsman/identify.ts';
import { resourceUri, NS } from '../../../../src/engine/net/wsman/names.ts';
import {
  enumerateRequest,
  pullRequest,
  releaseRequest,
  wqlFilter,
} from '../../../../src/engine/net/wsman/enumerate-requests.ts';
import { getRequest, invokeRequest } from '../../../../src/engine/net/wsman/requests.ts';
import { parseXml } from '../../../../src/engine/cim/xml/xml-reader.ts';
import { child, type XmlElement } from '../../../../src/engine/cim/xml/xml-element.ts';

// Requests in full, and answers in the shapes that real hosts and other servers were seen to send.

const WMI = 'http://schemas.microsoft.com/wbem/wsman/1/wmi/root/virtualization/v2';
const ANONYMOUS = 'http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous';
const vm = {
  className: 'Msvm_ComputerSystem',
  keys: { CreationClassName: 'Msvm_ComputerSystem', Name: 'A&B' },
};

/** Reads a body written with prefixes of its own. */
function answer<T>(request: WsmanRequest<T>, body: string): T {
  const text =
    '<S:Envelope xmlns:S="http://www.w3.org/2003/05/soap-envelope" xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing" ' +
    'xmlns:wsen="http://schemas.xmlsoap.org/ws/2004/09/enumeration" xmlns:wsman="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" ' +
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:cim="http://schemas.dmtf.org/wbem/wscim/1/common" ' +
    `xmlns:c="${WMI}/Msvm_ComputerSystem"><S:Header/><S:Body>${body}</S:Body></S:Envelope>`;
  return request.parse(envelopeBody(parseXml(text)));
}

test('the envelope of a Get', () => {
  const text = encodeEnvelope(getRequest(vm), {
    to: 'https://hv01:5986/wsman',
    messageId: 'uuid:1',
    operationTimeoutSeconds: 60,
    maxEnvelopeSize: 512000,
  });
  assert.equal(
    text,
    '<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" ' +
      'xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration" xmlns:b="http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd" ' +
      'xmlns:m="http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd" xmlns:cim="http://schemas.dmtf.org/wbem/wscim/1/common" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">' +
      `<s:Header><a:To>https://hv01:5986/wsman</a:To><w:ResourceURI s:mustUnderstand="true">${WMI}/Msvm_ComputerSystem</w:ResourceURI>` +
      `<a:ReplyTo><a:Address s:mustUnderstand="true">${ANONYMOUS}</a:Address></a:ReplyTo>` +
      '<a:Action s:mustUnderstand="true">http://schemas.xmlsoap.org/ws/2004/09/transfer/Get</a:Action>' +
      '<w:MaxEnvelopeSize s:mustUnderstand="true">512000</w:MaxEnvelopeSize><a:MessageID>uuid:1</a:MessageID>' +
      '<w:Locale xml:lang="en-US" s:mustUnderstand="false"/><m:DataLocale xml:lang="en-US" s:mustUnderstand="false"/>' +
      '<w:OperationTimeout>PT60S</w:OperationTimeout><w:SelectorSet><w:Selector Name="CreationClassName">Msvm_ComputerSystem</w:Selector>' +
      '<w:Selector Name="Name">A&amp;B</w:Selector></w:SelectorSet></s:Header><s:Body/></s:Envelope>',
  );
  assert.equal(headerText(parseXml(text), 'MessageID'), 'uuid:1');
});

test('a query is enumerated on the URI of all classes, its MaxElements in the namespace of wsman', () => {
  const request = enumerateRequest({
    resourceUri: resourceUri('*'),
    filter: wqlFilter("SELECT * FROM X WHERE A<'b&c'"),
    mode: 'both',
    maxElements: 200,
  });
  assert.equal(request.resourceUri, `${WMI}/*`);
  assert.equal(
    request.body,
    '<n:Enumerate><w:OptimizeEnumeration/><w:MaxElements>200</w:MaxElements><w:EnumerationMode>EnumerateObjectAndEPR</w:EnumerationMode>' +
      '<w:Filter Dialect="http://schemas.microsoft.com/wbem/wsman/1/WQL">SELECT * FROM X WHERE A&lt;\'b&amp;c\'</w:Filter></n:Enumerate>',
  );
});

test('Pull and Release carry the context in the namespace of enumeration, and only Release may be repeated', () => {
  const pull = pullRequest({ resourceUri: 'r', mode: 'object', maxElements: 7 }, 'uuid:<1>');
  assert.equal(
    pull.body,
    '<n:Pull><n:EnumerationContext>uuid:&lt;1&gt;</n:EnumerationContext><n:MaxElements>7</n:MaxElements></n:Pull>',
  );
  const release = releaseRequest('r', 'uuid:1');
  assert.equal(
    release.body,
    '<n:Release><n:EnumerationContext>uuid:1</n:EnumerationContext></n:Release>',
  );
  assert.deepEqual([pull.repetition, release.repetition], ['pull', 'read']);
});

test('arguments of a call: bare references, repeated arrays, escaped CIM-XML, nothing for what is undefined', () => {
  const service = {
    className: 'Msvm_Service',
    keys: { CreationClassName: 'Msvm_Service' },
  };
  const embedded = {
    className: 'C',
    properties: [{ name: 'N', type: 'string', value: 'a&b' }],
  } as const;
  const request = invokeRequest({
    target: service,
    method: 'Do',
    repeatable: false,
    args: {
      System: vm,
      Settings: { embedded },
      Words: ['x', 'y'],
      Kind: 32768,
      Left: undefined,
      Force: true,
      When: { datetime: '2026-01-01T00:00:00Z' },
    },
  });
  const epr =
    `<a:Address>${ANONYMOUS}</a:Address><a:ReferenceParameters><w:ResourceURI>${WMI}/Msvm_ComputerSystem</w:ResourceURI><w:SelectorSet>` +
    '<w:Selector Name="CreationClassName">Msvm_ComputerSystem</w:Selector><w:Selector Name="Name">A&amp;B</w:Selector></w:SelectorSet></a:ReferenceParameters>';
  assert.equal(request.action, `${WMI}/Msvm_Service/Do`);
  assert.equal(request.repetition, 'change');
  assert.equal(
    request.body,
    `<p:Do_INPUT xmlns:p="${WMI}/Msvm_Service"><p:System>${epr}</p:System>` +
      '<p:Settings>&lt;INSTANCE CLASSNAME=&quot;C&quot;&gt;&lt;PROPERTY NAME=&quot;N&quot; TYPE=&quot;string&quot;&gt;&lt;VALUE&gt;a&amp;#38;b&lt;/VALUE&gt;&lt;/PROPERTY&gt;&lt;/INSTANCE&gt;</p:Settings>' +
      '<p:Words>x</p:Words><p:Words>y</p:Words><p:Kind>32768</p:Kind><p:Force>true</p:Force>' +
      '<p:When><cim:Datetime>2026-01-01T00:00:00Z</cim:Datetime></p:When></p:Do_INPUT>',
  );
});

const list = enumerateRequest({
  resourceUri: resourceUri('X'),
  mode: 'object',
  maxElements: 10,
});
const more = pullRequest(
  { resourceUri: resourceUri('X'), mode: 'object', maxElements: 10 },
  'uuid:1',
);
const ITEM = '<c:Msvm_ComputerSystem><c:Name>1</c:Name></c:Msvm_ComputerSystem>';

test('items and ends of sequences are found in either namespace', () => {
  const first = answer(
    list,
    `<wsen:EnumerateResponse><wsen:EnumerationContext>uuid:2</wsen:EnumerationContext><wsman:Items>${ITEM}${ITEM}</wsman:Items></wsen:EnumerateResponse>`,
  );
  assert.equal(first.items.length, 2);
  assert.equal(first.context, 'uuid:2');
  const whole = answer(
    list,
    `<wsen:EnumerateResponse><wsen:EnumerationContext/><wsman:Items>${ITEM}</wsman:Items><wsman:EndOfSequence/></wsen:EnumerateResponse>`,
  );
  assert.deepEqual([whole.items.length, whole.context], [1, undefined]);
  const last = answer(
    more,
    `<wsen:PullResponse><wsen:EnumerationContext></wsen:EnumerationContext><wsen:Items>${ITEM}</wsen:Items><wsen:EndOfSequence/></wsen:PullResponse>`,
  );
  assert.deepEqual([last.items.length, last.context], [1, undefined]);
});

test('an empty result comes with Items, without Items, and as a context alone', () => {
  for (const items of ['<wsman:Items/>', '']) {
    const none = answer(
      list,
      `<wsen:EnumerateResponse>${items}<wsman:EndOfSequence/></wsen:EnumerateResponse>`,
    );
    assert.deepEqual([none.items, none.context], [[], undefined]);
  }
  const waiting = answer(
    list,
    '<wsen:EnumerateResponse><wsen:EnumerationContext> uuid:3 </wsen:EnumerationContext></wsen:EnumerateResponse>',
  );
  assert.deepEqual([waiting.items, waiting.context], [[], 'uuid:3']);
});

test('an answer that neither ends nor goes on is refused, not taken for the end', () => {
  const open = `<wsen:PullResponse><wsen:Items>${ITEM}</wsen:Items></wsen:PullResponse>`;
  assert.throws(() => answer(more, open), { code: 'wsman.answer' });
  assert.throws(() => answer(more, '<wsen:EnumerateResponse/>'), { code: 'xml.missing' });
  assert.throws(() => answer(getRequest(vm), ''), { code: 'wsman.answer' });
});

test('an item with its reference gives both', () => {
  const epr = `<wsa:EndpointReference><wsa:Address>any</wsa:Address><wsa:ReferenceParameters><wsman:ResourceURI>${WMI}/Msvm_ComputerSystem</wsman:ResourceURI><wsman:SelectorSet><wsman:Selector Name="Name">1</wsman:Selector></wsman:SelectorSet></wsa:ReferenceParameters></wsa:EndpointReference>`;
  for (const item of [ITEM + epr, epr + ITEM]) {
    const { items } = answer(
      list,
      `<wsen:EnumerateResponse><wsman:Items><wsman:Item>${item}</wsman:Item></wsman:Items><wsman:EndOfSequence/></wsen:EnumerateResponse>`,
    );
    assert.equal(items[0]?.instance?.className, 'Msvm_ComputerSystem');
    const reference = { className: 'Msvm_ComputerSystem', keys: { Name: '1' } };
    assert.deepEqual(items[0]?.reference, reference);
  }
});

test('a property is read in every shape that hosts send', () => {
  const { properties } = answer(
    getRequest(vm),
    '<c:Msvm_ComputerSystem xsi:type="c:Msvm_ComputerSystem_Type"><c:Nil xsi:nil="true"/><c:NilOne xsi:nil="1"/><c:Empty></c:Empty><c:Pool>  </c:Pool>' +
      '<c:A>1</c:A><c:B>x</c:B><c:A>2</c:A><c:A xsi:nil="true"/>' +
      '<c:Since><cim:Datetime> 2026-10-08T15:15:36.68424Z </cim:Datetime></c:Since><c:Bare>2026-10-08T15:15:36Z</c:Bare>' +
      '<c:Span><cim:Interval>P0DT0H1M40S</cim:Interval></c:Span>' +
      `<c:Ref><wsa:Address>x</wsa:Address><wsa:ReferenceParameters><wsman:ResourceURI> ${WMI}/Y </wsman:ResourceURI></wsa:ReferenceParameters></c:Ref>` +
      `<c:Inner><y:Msvm_Summary xmlns:y="${WMI}/Msvm_Summary"><y:When><cim:Datetime>t</cim:Datetime></y:When></y:Msvm_Summary></c:Inner>` +
      `<c:Flat xmlns:y="${WMI}/Msvm_Summary"><y:When><cim:Datetime>t</cim:Datetime></y:When></c:Flat></c:Msvm_ComputerSystem>`,
  );
  const inner = { className: 'Msvm_Summary', properties: new Map([['When', 't']]) };
  assert.deepEqual(
    properties,
    new Map<string, unknown>([
      ['Nil', null],
      ['NilOne', null],
      ['Empty', ''],
      ['Pool', '  '],
      ['A', ['1', '2', null]],
      ['B', 'x'],
      ['Since', '2026-10-08T15:15:36.68424Z'],
      ['Bare', '2026-10-08T15:15:36Z'],
      ['Span', 'P0DT0H1M40S'],
      ['Ref', { className: 'Y', keys: {} }],
      ['Inner', inner],
      ['Flat', inner],
    ]),
  );
});

test('the result of a call needs a ReturnValue that is a number', () => {
  const call = invokeRequest({ target: vm, method: 'Go', args: {}, repeatable: false });
  const out = answer(
    call,
    '<c:Go_OUTPUT><c:Words>a</c:Words><c:Words>b</c:Words><c:ReturnValue>4096</c:ReturnValue></c:Go_OUTPUT>',
  );
  assert.equal(out.returnValue, 4096);
  assert.deepEqual(out.out, new Map([['Words', ['a', 'b']]]));
  for (const body of [
    '<c:Go_OUTPUT/>',
    '<c:Go_OUTPUT><c:ReturnValue>done</c:ReturnValue></c:Go_OUTPUT>',
    '<c:Go_OUTPUT><c:ReturnValue xsi:nil="true"/></c:Go_OUTPUT>',
  ]) {
    assert.throws(() => answer(call, body), { code: 'wsman.answer' });
  }
});

test('Identify is understood with its response in the namespace of SOAP, as another server sends it', () => {
  const text =
    '<S:Envelope xmlns:S="http://www.w3.org/2003/05/soap-envelope"><S:Body><S:IdentifyResponse xmlns:i="urn:i"><i:ProductVendor>V</i:ProductVendor></S:IdentifyResponse></S:Body></S:Envelope>';
  assert.deepEqual(parseIdentity(envelopeBody(parseXml(text))), {
    protocolVersion: '',
    productVendor: 'V',
    productVersion: '',
  });
});

/** Returns the text of a header of the envelope. */
function headerText(envelope: XmlElement, local: string): string | undefined {
  const header = child(envelope, 'Header', NS.soap);
  return header && child(header, local)?.text.trim();
}
