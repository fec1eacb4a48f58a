import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EngineError } from '../../../../../src/engine/base/errors.ts';
import { envelopeBody } from '../../../../../src/engine/net/wsman/envelope.ts';
import { faultError, parseFault } from '../../../../../src/engine/net/wsman/faults/fault.ts';
import { KNOWN_FAULTS } from '../../../../../src/engine/net/wsman/faults/known-faults.ts';
import { parseXml } from '../../../../../src/engine/cim/xml/xml-reader.ts';

const fault = (subcode: string, detail: string, reason = '') =>
  parseFault(
    envelopeBody(
      parseXml(
        '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:q="urn:q"><e:Body><e:Fault>' +
          `<e:Code><e:Value>e:Sender</e:Value>${subcode === '' ? '' : `<e:Subcode><e:Value>${subcode}</e:Value></e:Subcode>`}</e:Code>` +
          `<e:Reason><e:Text xml:lang="ja-JP">${reason}</e:Text></e:Reason><e:Detail>${detail}</e:Detail></e:Fault></e:Body></e:Envelope>`,
      ),
    ),
  );

const CLASSIC = `<f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" Code="2150858778" Machine="hv01">
 <f:Message><f:ProviderFault provider="WMI Provider" path="x">
  <f:WSManFault Code="2147749904" Machine="hv01"><f:Message>inner text </f:Message></f:WSManFault>
  <f:ExtendedError><p:__ExtendedStatus xmlns:p="urn:p"><p:Description>described</p:Description></p:__ExtendedStatus></f:ExtendedError>
 </f:ProviderFault></f:Message></f:WSManFault>`;

const WMI_ERROR = `<p:MSFT_WmiError xmlns:p="urn:p"><p:CIMStatusCode>6</p:CIMStatusCode><p:Message/>
 <p:MessageID>HRESULT 0x80041002</p:MessageID><p:error_Code>2147749890</p:error_Code>
 <p:error_WindowsErrorMessage>the object is gone</p:error_WindowsErrorMessage></p:MSFT_WmiError>`;

test('the classic layout gives the deepest number and the first text', () => {
  const found = fault('q:CannotProcessFilter', CLASSIC, 'reason');
  assert.deepEqual(found, {
    subcode: 'CannotProcessFilter',
    number: 2147749904,
    status: 0,
    text: 'inner text',
  });
});

test('the layout of 2012 gives its error_Code', () => {
  const found = fault('q:DestinationUnreachable', WMI_ERROR, 'reason');
  assert.deepEqual(found, {
    subcode: 'DestinationUnreachable',
    number: 2147749890,
    status: 6,
    text: 'the object is gone',
  });
});

test('without detail the reason is the text; an answer is no fault', () => {
  assert.deepEqual(fault('', '', 'nur ein Grund'), {
    subcode: 'Sender',
    number: 0,
    status: 0,
    text: 'nur ein Grund',
  });
  const answer =
    '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><x/></e:Body></e:Envelope>';
  assert.equal(parseFault(envelopeBody(parseXml(answer))), undefined);
});

test('the number decides the code, the subcode where the number says nothing, and never the text', () => {
  const code = (subcode: string, number: number): string =>
    (faultError({ subcode, number, status: 0, text: 'access denied' }, 'Get of X') as EngineError)
      .code;
  assert.equal(code('InternalError', 5), 'wsman.fault.accessDenied');
  assert.equal(code('InternalError', 2147749890), 'wsman.fault.notFound');
  assert.equal(code('DestinationUnreachable', 0), 'wsman.fault.notFound');
  assert.equal(code('DestinationUnreachable', 2147749902), 'wsman.fault.noNamespace');
  assert.equal(code('CannotProcessFilter', 2147749904), 'wsman.fault.noClass');
  assert.equal(code('SchemaValidationError', 12345), 'wsman.fault.schema');
  assert.equal(code('TimedOut', 2150858793), 'wsman.fault.timedOut');
  assert.equal(code('EncodingLimit', 2150858825), 'wsman.fault.envelopeTooLarge');
  assert.equal(code('Whatever', 0x80070000), 'wsman.fault.other');
});

test('a host’s words are cut, and none of them is taken for a key of ours', () => {
  const long = fault(`q:${'s'.repeat(9000)}`, '', 'word '.repeat(100_000));
  assert.equal(long?.text.length, 2001);
  assert.ok((long?.subcode.length ?? 9999) <= 2001);
  for (const subcode of ['constructor', '__proto__', 'toString']) {
    const error = faultError(
      { subcode, number: 0, status: 0, text: '' },
      'Get of X',
    ) as EngineError;
    assert.equal(error.code, 'wsman.fault.other');
  }
});

test('the error says what was asked, and keeps subcode, number and text', () => {
  const error = faultError(
    { subcode: 'AccessDenied', number: 5, status: 0, text: 'Zugriff verweigert' },
    'Get of Msvm_X',
  ) as EngineError;
  assert.equal(
    error.message,
    'The host refused Get of Msvm_X: WinRM does not admit the account (AccessDenied 0x00000005). The host says: Zugriff verweigert',
  );
  assert.deepEqual(error.data, {
    subcode: 'AccessDenied',
    number: 5,
    text: 'Zugriff verweigert',
    doing: 'Get of Msvm_X',
  });
  assert.equal(error.userFixable, true);
});

test('OMI and plain CIM errors give their status, and an HRESULT in a message ID counts as the number', () => {
  const omi = fault(
    'q:InternalError',
    '<o:OMI_Error xmlns:o="urn:o"><o:CIMStatusCode>6</o:CIMStatusCode><o:Message>nicht da</o:Message><o:OMI_Code>6</o:OMI_Code></o:OMI_Error>',
  );
  assert.deepEqual(omi, { subcode: 'InternalError', number: 0, status: 6, text: 'nicht da' });
  assert.equal((faultError(omi, 'Get of X') as EngineError).code, 'wsman.fault.notFound');
  const id = fault(
    'q:InternalError',
    '<p:MSFT_WmiError xmlns:p="urn:p"><p:CIMStatusCode>2</p:CIMStatusCode><p:MessageID>HRESULT 0x80041003</p:MessageID></p:MSFT_WmiError>',
  );
  assert.equal(id?.number, 0x80041003);
  const signed = fault(
    'q:InternalError',
    '<p:E xmlns:p="urn:p"><p:error_Code>-2147217400</p:error_Code></p:E>',
  );
  assert.equal(signed?.number, 0x80041008);
});

test('an address that does not exist is not an object that is gone', () => {
  const error = faultError(
    { subcode: 'DestinationUnreachable', number: 2150858811, status: 0, text: '' },
    'Get of X',
  ) as EngineError;
  assert.equal(error.code, 'wsman.fault.schema');
});

test('every number has words, and an unknown one names the part of Windows that it comes from', () => {
  assert.ok(KNOWN_FAULTS.size >= 70, `${KNOWN_FAULTS.size} numbers`);
  const words = (number: number): string =>
    faultError({ subcode: 'InternalError', number, status: 0, text: '' }, 'Get of X').message;
  for (const [number, known] of KNOWN_FAULTS) assert.ok(words(number).includes(known.words));
  for (const [number, part] of [
    [0x8033ffff, 'WinRM'],
    [0x80041fff, 'WMI'],
    [0x800423ff, 'Volume Shadow Copy'],
    [0x80370123, 'Hyper-V'],
    [0xc03affff, 'virtual disks'],
    [0x8007ffff, 'Windows'],
  ] as const) {
    assert.match(words(number), new RegExp(`an error of .*${part}.* \\(InternalError 0x`));
  }
  assert.match(words(77), /it answered InternalError \(InternalError 0x0000004D\)/);
});
