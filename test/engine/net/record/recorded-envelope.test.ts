import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { Secret } from '../../../../src/engine/net/auth/contract/secret.ts';
import { redactorOf } from '../../../../src/engine/net/auth/redact.ts';
import { recordedEnvelope } from '../../../../src/engine/net/record/recorded-envelope.ts';
import { escapeXml } from '../../../../src/engine/cim/xml/xml-writer.ts';

const PASSWORD = 'Tür&<7 "leise"';
const redact = redactorOf({ user: 'HV\\anna', password: new Secret(PASSWORD) });
const recorded = (text: string): string => recordedEnvelope(text, redact);

test('the password of the login is removed in every encoding', () => {
  const utf16 = Buffer.from(PASSWORD, 'utf16le').toString('base64');
  const basic = Buffer.from(`HV\\anna:${PASSWORD}`).toString('base64');
  for (const form of [PASSWORD, escapeXml(PASSWORD), encodeURIComponent(PASSWORD), utf16, basic]) {
    const shown = recorded(`<s:Body><p:Note>x ${form} y</p:Note></s:Body>`);
    assert.ok(!shown.includes(form), form);
    assert.match(shown, /\(secret\)/);
  }
  assert.equal(
    recorded('Authorization: Negotiate TlRMTVNTUAAB\r\n'),
    'Authorization: (secret)\r\n',
  );
});

test('values of elements and properties that are named as secrets are removed', () => {
  const value = escapeXml('a<b & "c"');
  const property = `<INSTANCE CLASSNAME="X"><PROPERTY NAME="UserPassword" TYPE="string"><VALUE>${value}</VALUE></PROPERTY></INSTANCE>`;
  const texts = [
    `<p:Password>${value}</p:Password>`,
    `<p:SessionKey xsi:type="cim:cimString">${value}</p:SessionKey>`,
    property,
    `<p:Embedded>${escapeXml(property)}</p:Embedded>`,
    `<p:Embedded>${escapeXml(`<p:Password>${value}</p:Password>`)}</p:Embedded>`,
  ];
  for (const text of texts) {
    const shown = recorded(text);
    assert.match(shown, /\(secret\)/, text);
    assert.doesNotMatch(shown, /&quot;c|a&|c&amp;/, shown);
    // Nothing else is lost.
    assert.equal(shown.length, recorded(shown).length);
    assert.match(shown, /(?:<\/|&lt;\/)/);
  }
});

test('pictures and files leave their length and hash', () => {
  const bytes = Buffer.from(Array.from({ length: 400 }, (_, i) => (i * 7) % 256));
  const hash = createHash('sha256').update(bytes).digest('hex');
  const octets = Array.from(bytes, (byte) => `<p:ImageData>${byte}</p:ImageData>`).join('\n');
  assert.equal(
    recorded(`<p:X_OUTPUT>${octets}<p:ReturnValue>0</p:ReturnValue></p:X_OUTPUT>`),
    `<p:X_OUTPUT><p:ImageData>(octets: 400 bytes, SHA-256 ${hash})</p:ImageData><p:ReturnValue>0</p:ReturnValue></p:X_OUTPUT>`,
  );
  assert.equal(
    recorded(`<p:Data>${bytes.toString('base64')}</p:Data>`),
    `<p:Data>(base64: 400 bytes, SHA-256 ${hash})</p:Data>`,
  );
});

test('lists of states, offsets and identifiers stay as they are', () => {
  const states = '<p:RequestedStates>2</p:RequestedStates>'.repeat(12);
  const offsets = Array.from(
    { length: 100 },
    (_, i) => `<p:ChangedByteOffsets>${i * 65_536}</p:ChangedByteOffsets>`,
  ).join('');
  const id = `<p:Id>rctX:${'0a'.repeat(16)}:00000001</p:Id>`;
  for (const text of [states, offsets, id, 'no XML at all', '']) assert.equal(recorded(text), text);
});

test('a hostile text takes time that grows with its length alone', () => {
  const hostile = ['<p:Password ', '&lt;', '<a>1</a>', 'NAME="Password" ', 'Aa0+'].map((part) =>
    part.repeat(Math.floor(2 ** 20 / part.length)),
  );
  const begun = process.cpuUsage();
  for (const text of hostile) recorded(text);
  const { user } = process.cpuUsage(begun);
  assert.ok(user < 4_000_000, `${user / 1000} ms`);
});
