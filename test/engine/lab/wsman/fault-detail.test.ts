import assert from 'node:assert/strict';
import { test } from 'node:test';
import { echo, strictHost, VM_KEYS, wql, WMI } from '../../../support/host/strict-wsman.ts';

/** The detail of an answer's fault. */
const detail = (text: string): string => /<s:Detail>(.*)<\/s:Detail>/s.exec(text)?.[1] ?? '';

test('an error of WinRM is a WSManFault alone', async (t) => {
  const { ask } = await strictHost(t);
  const { text } = await ask({ selectors: { ...VM_KEYS, Name: 'nobody' } });
  assert.match(
    detail(text),
    /^<f:WSManFault [^>]*Code="2150858770" Machine="LAB01"><f:Message>[^<]+<\/f:Message><\/f:WSManFault>$/,
  );
});

test('an error of a query holds the provider’s fault and its extended status', async (t) => {
  const { ask } = await strictHost(t);
  const { text, fault } = await ask(wql('SELECT * FROM Msvm_Nothing'));
  assert.match(
    detail(text),
    /<f:ProviderFault provider="WMI Provider" path="[^"]+WsmWmiPl\.dll"><f:WSManFault Code="2150858778"/,
  );
  assert.match(
    detail(text),
    /<f:ExtendedError><p:__ExtendedStatus [^>]*><p:Description xsi:nil="true"\/><p:Operation>ExecQuery</,
  );
  assert.equal(fault?.number, 2150858778);
  assert.match(fault?.text ?? '', /Msvm_Nothing/);
});

test('a class that is not there is an error of WMI inside of a fault of WinRM', async (t) => {
  const { ask } = await strictHost(t);
  const { text, fault } = await ask({ selectors: VM_KEYS, resource: `${WMI}/Msvm_Nothing` });
  assert.match(detail(text), /<p:Operation>GetObject</);
  assert.equal(fault?.number, 2147749904);
});

test('a failed method is an error object of WMI, as hosts of 2012 and later answer', async (t) => {
  const { ask } = await strictHost(t);
  const missing = await ask(echo('', { selectors: {} }));
  assert.match(detail(missing.text), /^<p:MSFT_WmiError b:IsCIM_Error="true"/);
  assert.match(detail(missing.text), /<p:MessageID>HRESULT 0x8004102f<\/p:MessageID>/);
  assert.match(detail(missing.text), /<p:error_Code [^>]*>2147749935<\/p:error_Code>/);
  assert.equal(missing.fault?.number, 2147749935);
  const broken = await ask({
    action: `${WMI}/Msvm_Service/Break`,
    resource: `${WMI}/Msvm_Service`,
    selectors: { CreationClassName: 'Msvm_Service' },
    body: `<p:Break_INPUT xmlns:p="${WMI}/Msvm_Service"/>`,
  });
  assert.equal(broken.fault?.number, 2147749889);
  assert.equal(broken.fault?.text, 'the disk caught fire');
});
