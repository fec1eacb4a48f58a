import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cimInstance } from '../../../../src/engine/cim/model.ts';
import { WMI, echo, refused, strictHost } from '../../../support/host/strict-wsman.ts';
import { VM_ID } from '../../../support/host/small-repository.ts';

test('methods need a SelectorSet; CreationClassName alone is enough for a service', async (t) => {
  const { ask } = await strictHost(t);
  assert.equal((await ask(echo(''))).status, 200);
  await refused(ask, echo('', { selectors: {} }), 'InternalError', 2147749935);
  await refused(
    ask,
    echo('', { selectors: { CreationClassName: 'Other' } }),
    'DestinationUnreachable',
    2150858770,
  );
  const unknown = echo('', { action: `${WMI}/Msvm_Service/Sing` });
  await refused(ask, unknown, 'ActionNotSupported', 2150858771);
});

test('the answer of a method ends with its ReturnValue', async (t) => {
  const { ask } = await strictHost(t);
  const { text } = await ask(echo(''));
  assert.match(text, /<p:ReturnValue>4096<\/p:ReturnValue><\/p:Echo_OUTPUT>/);
  assert.match(text, /<a:Action>[^<]*\/Msvm_Service\/EchoResponse<\/a:Action>/);
  assert.match(text, /<p:Job[^>]*><a:Address>[^<]*<\/a:Address><a:ReferenceParameters>/);
  assert.match(
    text,
    /&lt;PROPERTY NAME=&quot;When&quot; PROPAGATED=&quot;true&quot; TYPE=&quot;datetime&quot;&gt;&lt;\/PROPERTY&gt;/,
  );
});

const REFERENCE =
  `<a:Address>x</a:Address><a:ReferenceParameters><w:ResourceURI>${WMI}/Msvm_ComputerSystem</w:ResourceURI>` +
  `<w:SelectorSet><w:Selector Name="Name">${VM_ID}</w:Selector></w:SelectorSet></a:ReferenceParameters>`;

const MISFITS: Readonly<Record<string, string>> = {
  'an unknown parameter': '<p:Colour>red</p:Colour>',
  'an out parameter given': '<p:Job>x</p:Job>',
  'a parameter of another namespace': '<Count>1</Count>',
  'a reference inside an EndpointReference': `<p:System><a:EndpointReference>${REFERENCE}</a:EndpointReference></p:System>`,
  'an object path for a reference':
    '<p:System>\\\\LAB01\\root\\virtualization\\v2:Msvm_ComputerSystem.Name="x"</p:System>',
  'a reference for a number': `<p:Count>${REFERENCE}</p:Count>`,
  'WS-CIM elements for embedded text': '<p:Settings><p:Msvm_SnapshotSettings/></p:Settings>',
  'a number that is none': '<p:Count>many</p:Count>',
  'a number beyond its type': '<p:Count>65536</p:Count>',
  'a negative unsigned number': '<p:Count>-1</p:Count>',
  'a boolean that is none': '<p:Flag>yes</p:Flag>',
  'a scalar given twice': '<p:Count>1</p:Count><p:Count>2</p:Count>',
};
for (const [what, args] of Object.entries(MISFITS)) {
  test(`${what} is a schema error, and the method is not called`, async (t) => {
    const { ask, repository } = await strictHost(t);
    await refused(ask, echo(args), 'SchemaValidationError', 2150858817);
    assert.equal(repository.calls.length, 0);
  });
}

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const instance = (properties: string): string =>
  `<INSTANCE CLASSNAME="Msvm_SnapshotSettings">${properties}</INSTANCE>`;
const property = (name: string, type: string, value: string): string =>
  instance(`<PROPERTY NAME="${name}" TYPE="${type}"><VALUE>${value}</VALUE></PROPERTY>`);

const EMBEDDED: readonly (readonly [what: string, text: string, returnValue: number])[] = [
  ['&amp; inside', property('Label', 'string', 'a &amp; b'), 32768],
  ['&lt; inside', property('Label', 'string', 'a &lt; b'), 32773],
  ['a scalar for an array', property('Paths', 'string', 'x'), 32773],
  [
    'an array for a scalar',
    instance(
      '<PROPERTY.ARRAY NAME="Label" TYPE="string"><VALUE.ARRAY><VALUE>x</VALUE></VALUE.ARRAY></PROPERTY.ARRAY>',
    ),
    32773,
  ],
  ['an ISO datetime', property('When', 'datetime', '2026-11-22T14:03:05Z'), 32768],
  ['an unknown property', property('Colour', 'string', 'red'), 32773],
  ['an unknown class', '<INSTANCE CLASSNAME="Msvm_Nothing"/>', 32773],
  ["a type that is not the class's", property('ConsistencyLevel', 'uint16', '1'), 32776],
  ['a number beyond its type', property('ConsistencyLevel', 'uint8', '256'), 32773],
  ['text that is no XML', 'instance of Msvm_SnapshotSettings {};', 32773],
  ['a document type', `<!DOCTYPE x [<!ENTITY e "1">]>${property('Label', 'string', 'x')}`, 32773],
];
for (const [what, text, returnValue] of EMBEDDED) {
  test(`an embedded instance with ${what} makes the call return ${returnValue}`, async (t) => {
    const { ask, repository } = await strictHost(t);
    const { status, text: answer } = await ask(echo(`<p:Settings>${escape(text)}</p:Settings>`));
    assert.equal(status, 200);
    assert.match(answer, new RegExp(`<p:ReturnValue>${returnValue}</p:ReturnValue>`));
    assert.equal(repository.calls.length, 0);
  });
}

test('embedded instances are taken from CDATA, with numeric references, qualifiers, system properties and nulls', async (t) => {
  const { ask, repository } = await strictHost(t);
  const text = instance(
    '<QUALIFIER NAME="x" TYPE="string"><VALUE>y</VALUE></QUALIFIER>' +
      '<PROPERTY NAME="__PATH" CLASSORIGIN="___SYSTEM" TYPE="string"><VALUE>p</VALUE></PROPERTY>' +
      '<PROPERTY NAME="Label" TYPE="string" PROPAGATED="true"><VALUE>a &#38; &#60;b&#62;</VALUE></PROPERTY>' +
      '<PROPERTY NAME="ConsistencyLevel" TYPE="uint8"></PROPERTY>' +
      '<PROPERTY NAME="Ignore" TYPE="boolean"><VALUE>TRUE</VALUE></PROPERTY>' +
      '<PROPERTY.ARRAY NAME="Paths" TYPE="string"><VALUE.ARRAY><VALUE>x</VALUE><VALUE.NULL/><VALUE></VALUE></VALUE.ARRAY></PROPERTY.ARRAY>',
  );
  const { text: answer } = await ask(echo(`<p:Settings><![CDATA[${text}]]></p:Settings>`));
  assert.match(answer, /<p:ReturnValue>4096</);
  assert.deepEqual(repository.calls[0]?.args['Settings'], {
    embedded: cimInstance('Msvm_SnapshotSettings', {
      Label: 'a & <b>',
      ConsistencyLevel: null,
      Ignore: true,
      Paths: ['x', null, ''],
    }),
  });
});
