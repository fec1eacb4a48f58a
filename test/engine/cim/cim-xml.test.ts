import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../../support/checks/properties.ts';
import { EngineError } from '../../../src/engine/base/errors.ts';
import { decodeEmbedded, embeddedText, encodeEmbedded } from '../../../src/engine/cim/cim-xml.ts';

test('an instance is written as Hyper-V takes it: numeric references, arrays as arrays, nulls without value', () => {
  assert.equal(
    encodeEmbedded({
      className: 'Msvm_StorageAllocationSettingData',
      properties: [
        { name: 'InstanceID', type: 'string', value: 'Microsoft:A\\0\\0\\D' },
        { name: 'ElementName', type: 'string', value: 'R&D <"\'>' },
        { name: 'AutomaticAllocation', type: 'boolean', value: true },
        { name: 'Limit', type: 'uint64', value: 18446744073709551615n },
        { name: 'Address', type: 'string', value: null },
        { name: 'HostResource', type: 'string', value: ['D:\\vm\\a.vhdx'] },
        { name: 'Connection', type: 'string', value: [] },
        { name: 'Delay', type: 'datetime', value: '00000000003000.000000:000' },
      ],
    }),
    '<INSTANCE CLASSNAME="Msvm_StorageAllocationSettingData">' +
      '<PROPERTY NAME="InstanceID" TYPE="string"><VALUE>Microsoft:A\\0\\0\\D</VALUE></PROPERTY>' +
      '<PROPERTY NAME="ElementName" TYPE="string"><VALUE>R&#38;D &#60;&#34;&#39;&#62;</VALUE></PROPERTY>' +
      '<PROPERTY NAME="AutomaticAllocation" TYPE="boolean"><VALUE>TRUE</VALUE></PROPERTY>' +
      '<PROPERTY NAME="Limit" TYPE="uint64"><VALUE>18446744073709551615</VALUE></PROPERTY>' +
      '<PROPERTY NAME="Address" TYPE="string"></PROPERTY>' +
      '<PROPERTY.ARRAY NAME="HostResource" TYPE="string"><VALUE.ARRAY><VALUE>D:\\vm\\a.vhdx</VALUE></VALUE.ARRAY></PROPERTY.ARRAY>' +
      '<PROPERTY.ARRAY NAME="Connection" TYPE="string"><VALUE.ARRAY></VALUE.ARRAY></PROPERTY.ARRAY>' +
      '<PROPERTY NAME="Delay" TYPE="datetime"><VALUE>00000000003000.000000:000</VALUE></PROPERTY>' +
      '</INSTANCE>',
  );
});

test('the text of a host is read: unset and empty values told apart, system properties and qualifiers left out', () => {
  const instance = decodeEmbedded(
    '<INSTANCE CLASSNAME="Msvm_X"><QUALIFIER NAME="q" TYPE="string"><VALUE>z</VALUE></QUALIFIER>' +
      '<PROPERTY NAME="__CLASS" CLASSORIGIN="___SYSTEM" TYPE="string"><VALUE>Msvm_X</VALUE></PROPERTY>' +
      '<PROPERTY NAME="DataAlignment" PROPAGATED="true" TYPE="uint64"></PROPERTY>' +
      '<PROPERTY NAME="Empty" TYPE="string"><VALUE></VALUE></PROPERTY>' +
      '<PROPERTY NAME="Name" TYPE="string"><QUALIFIER NAME="k" TYPE="boolean"><VALUE>TRUE</VALUE></QUALIFIER><VALUE>a &amp; b</VALUE></PROPERTY>' +
      '<PROPERTY.ARRAY NAME="Ids" TYPE="string"><VALUE.ARRAY><VALUE>1</VALUE><VALUE.NULL/><VALUE>3</VALUE></VALUE.ARRAY></PROPERTY.ARRAY>' +
      '<PROPERTY.ARRAY NAME="None" TYPE="string"/></INSTANCE>',
  );
  assert.deepEqual(instance, {
    className: 'Msvm_X',
    properties: [
      { name: 'DataAlignment', type: 'uint64', value: null },
      { name: 'Empty', type: 'string', value: '' },
      { name: 'Name', type: 'string', value: 'a & b' },
      { name: 'Ids', type: 'string', value: ['1', null, '3'] },
      { name: 'None', type: 'string', value: null },
    ],
  });
  assert.equal(embeddedText(instance, 'NAME'), 'a & b');
  assert.equal(embeddedText(instance, 'DataAlignment'), undefined);
});

test('what is no instance is refused with what was found', () => {
  assert.throws(() => decodeEmbedded('<CLASS NAME="x"/>'), {
    code: 'wsman.value',
    data: { found: 'CLASS', expected: 'INSTANCE' },
  });
  assert.throws(() => decodeEmbedded('<INSTANCE/>'), { code: 'wsman.value' });
  assert.throws(
    () => decodeEmbedded('<INSTANCE CLASSNAME="x"><PROPERTY NAME="p" TYPE="float"/></INSTANCE>'),
    { code: 'wsman.value' },
  );
  assert.throws(
    () => decodeEmbedded('<INSTANCE CLASSNAME="x">'),
    (error) => error instanceof EngineError,
  );
  assert.throws(() => decodeEmbedded(`<INSTANCE CLASSNAME="x">${' '.repeat(2 ** 20)}</INSTANCE>`), {
    code: 'xml.limit',
  });
});

test('texts and arrays with nulls survive writing and reading', () => {
  const value = fc.string({ unit: 'grapheme', maxLength: 30 });
  fc.assert(
    fc.property(fc.array(fc.option(value), { maxLength: 6 }), value, (list, text) => {
      const properties = [
        { name: 'A', type: 'string', value: list },
        { name: 'B', type: 'string', value: text },
      ] as const;
      assert.deepEqual(decodeEmbedded(encodeEmbedded({ className: 'C', properties })), {
        className: 'C',
        properties,
      });
    }),
  );
});
