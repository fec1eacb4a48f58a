import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  refused,
  strictHost,
  VM_KEYS,
  wql,
  type Parts,
} from '../../../support/host/strict-wsman.ts';
import { VM_ID } from '../../../support/host/small-repository.ts';

const fragment = (expression: string): Parts => ({
  selectors: VM_KEYS,
  headers: `<w:FragmentTransfer s:mustUnderstand="true">${expression}</w:FragmentTransfer>`,
});

test('a fragment of an instance is one property without a namespace, and the answer repeats its name', async (t) => {
  const { ask } = await strictHost(t);
  const body = async (expression: string): Promise<string | undefined> =>
    /<w:XmlFragment[^>]*>(.*)<\/w:XmlFragment>/s.exec((await ask(fragment(expression))).text)?.[1];
  assert.equal(await body('ElementName'), '<ElementName>web &amp; &lt;db&gt;</ElementName>');
  assert.equal(await body('elementname/text()'), 'web &amp; &lt;db&gt;');
  assert.equal(
    await body('InstallDate'),
    '<InstallDate><Datetime>2026-03-02T08:15:36.68424Z</Datetime></InstallDate>',
  );
  assert.equal(
    await body('OperationalStatus'),
    '<OperationalStatus>2</OperationalStatus><OperationalStatus>32768</OperationalStatus>',
  );
  assert.equal(await body('OperationalStatus[2]'), '<OperationalStatus>32768</OperationalStatus>');
  const { text } = await ask(fragment('ElementName'));
  assert.match(
    text,
    /<w:FragmentTransfer s:mustUnderstand="true">ElementName<\/w:FragmentTransfer>/,
  );
});

test('a fragment that is not there, not marked, or of another action is refused', async (t) => {
  const { ask } = await strictHost(t);
  await refused(ask, fragment('Colour'), 'InvalidParameter', 2150858810);
  await refused(ask, fragment('//*'), 'InvalidParameter', 2150858810);
  await refused(
    ask,
    { selectors: VM_KEYS, headers: '<w:FragmentTransfer>Name</w:FragmentTransfer>' },
    'InvalidMessageInformationHeader',
    2150858767,
  );
  const { headers = '' } = fragment('Name');
  await refused(
    ask,
    { ...wql('SELECT * FROM Msvm_ComputerSystem'), headers },
    'UnsupportedFeature',
    2150858818,
  );
});

test('Put, Create, Delete and Subscribe are refused as such', async (t) => {
  const { ask } = await strictHost(t);
  for (const action of [
    'http://schemas.xmlsoap.org/ws/2004/09/transfer/Put',
    'http://schemas.xmlsoap.org/ws/2004/09/transfer/Create',
    'http://schemas.xmlsoap.org/ws/2004/09/transfer/Delete',
    'http://schemas.xmlsoap.org/ws/2004/08/eventing/Subscribe',
  ]) {
    await refused(ask, { selectors: VM_KEYS, action }, 'ActionNotSupported', 2150858771);
  }
});

test('a projection may name system properties; its datetimes have no namespace', async (t) => {
  const { ask } = await strictHost(t);
  const { text } = await ask(
    wql(`SELECT __PATH, InstallDate, Delay FROM Msvm_ComputerSystem WHERE Name='${VM_ID}'`),
  );
  assert.match(
    text,
    new RegExp(
      '<w:XmlFragment[^>]*><Delay><Interval>P0DT0H5M0S</Interval></Delay>' +
        '<InstallDate><Datetime>2026-03-02T08:15:36.68424Z</Datetime></InstallDate>' +
        String.raw`<__PATH>\\\\LAB01\\root\\virtualization\\v2:Msvm_ComputerSystem\.Name=&quot;${VM_ID}&quot;,CreationClassName=&quot;Msvm_ComputerSystem&quot;</__PATH></w:XmlFragment>`,
    ),
  );
});
