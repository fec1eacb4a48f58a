import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decodeSealed,
  encodeSealed,
  isSealedType,
  type SealedMessage,
} from '../../../../../src/engine/net/auth/sealed/sealed-multipart.ts';

const TYPE =
  'multipart/encrypted;protocol="application/HTTP-SPNEGO-session-encrypted";boundary="Encrypted Boundary"';

/** The sealed bytes look like everything that surrounds them. */
const DATA = Buffer.from('a--Encrypted Boundary--\r\n\tContent-type: application/octet-stream\r\n');

const message = (more: Partial<SealedMessage> = {}): SealedMessage => ({
  protocol: 'spnego',
  indent: '\t',
  originalType: 'application/soap+xml;charset=UTF-8',
  originalLength: DATA.length,
  sealed: { signature: Buffer.alloc(16, 7), data: DATA },
  ...more,
});

test('a sealed message is written as Windows writes it', () => {
  const { body, contentType } = encodeSealed(
    message({
      originalLength: 2,
      sealed: { signature: Buffer.from('sig!'), data: Buffer.from('ab') },
    }),
  );
  assert.equal(contentType, TYPE);
  assert.equal(
    body.toString('latin1'),
    '--Encrypted Boundary\r\n' +
      '\tContent-Type: application/HTTP-SPNEGO-session-encrypted\r\n' +
      '\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=2\r\n' +
      '--Encrypted Boundary\r\n' +
      '\tContent-Type: application/octet-stream\r\n' +
      '\x04\0\0\0sig!ab--Encrypted Boundary--\r\n',
  );
});

test('what was written is read back, in both styles, for each protocol and length of signature', () => {
  for (const protocol of ['spnego', 'kerberos'] as const) {
    for (const indent of ['\t', ''] as const) {
      for (const length of [0, 16, 60]) {
        const sealed = { signature: Buffer.alloc(length, 3), data: DATA };
        const written = message({ protocol, indent, sealed });
        assert.deepEqual(decodeSealed(encodeSealed(written)), written);
      }
    }
  }
});

test('sealed bytes that look like a header are not read as one', () => {
  const data = Buffer.from('Content-Type: application/octet-stream\r\n');
  // The signature's length (58) is a colon, so that the bytes after the headers begin like a name.
  const sealed = { signature: Buffer.alloc(58, 'x'), data };
  const written = message({ indent: '', originalLength: data.length, sealed });
  assert.deepEqual(decodeSealed(encodeSealed(written)), written);
});

test('the spellings of other stacks are accepted', () => {
  const { body } = encodeSealed(message());
  const text = body.toString('latin1');
  const variants: readonly [string, string][] = [
    ['Multipart/Encrypted; protocol=x; Boundary="Encrypted Boundary"', text],
    [TYPE, text.replaceAll('--Encrypted Boundary\r\n\t', '-- Encrypted Boundary\r\n\t')],
    [TYPE, text.replace(/\tContent-Type/g, (at) => at.toLowerCase()).replace('Length=', 'length=')],
    [TYPE, text.slice(0, -2)],
    ['multipart/encrypted', text],
    [
      'multipart/encrypted;boundary=other',
      text
        .replaceAll('Encrypted Boundary\r\n\t', 'other\r\n\t')
        .replace(/Encrypted Boundary--\r\n$/, 'other--\r\n'),
    ],
  ];
  for (const [contentType, spelled] of variants) {
    const read = decodeSealed({ contentType, body: Buffer.from(spelled, 'latin1') });
    assert.deepEqual(read.sealed, message().sealed, contentType);
  }
});

test('a body that its lengths do not fill exactly is refused, whatever it says', () => {
  const whole = encodeSealed(message());
  const text = whole.body.toString('latin1');
  const length = (value: string): string => text.replace(/Length=\d+/, `Length=${value}`);
  const signature = (value: number): Buffer => {
    const body = Buffer.from(whole.body);
    body.writeUInt32LE(value, text.indexOf('octet-stream\r\n') + 'octet-stream\r\n'.length);
    return body;
  };
  const hostile: readonly (string | Buffer)[] = [
    '',
    '\r\n',
    'x'.repeat(5000),
    text.slice(0, 30),
    text.slice(0, 160),
    text.slice(0, -10),
    `${text}more`,
    length('0'),
    length(String(DATA.length + 1)),
    length('999999999'),
    length('99999999999999999999'),
    length('-1'),
    text.replace('OriginalContent', 'Original'),
    text.replace('--Encrypted Boundary\r\n\tContent', '--Another\r\n\tContent'),
    text.replace('HTTP-SPNEGO-session', 'HTTP-CredSSP-session'),
    text.replace('\tContent-Type: application/octet-stream\r\n', ''),
    text.replace('\tOriginal', `${'\tX: y\r\n'.repeat(20)}\tOriginal`),
    text.replace(
      '\tOriginal',
      '\tContent-Type: application/HTTP-Kerberos-session-encrypted\r\n\tOriginal',
    ),
    signature(15),
    signature(17),
    signature(1025),
    signature(0xffffffff),
  ];
  for (const [at, body] of hostile.entries()) {
    assert.throws(
      () =>
        decodeSealed({
          ...whole,
          body: Buffer.isBuffer(body) ? body : Buffer.from(body, 'latin1'),
        }),
      { code: 'http.auth.sealed' },
      `number ${at}`,
    );
  }
});

test('only multipart/encrypted is a sealed message', () => {
  assert.ok(isSealedType(TYPE));
  for (const type of [
    '',
    'application/soap+xml',
    'text/html; x=multipart/encrypted',
    'multipart/encryptedx',
  ]) {
    assert.ok(!isSealedType(type), type);
    assert.throws(() => decodeSealed({ ...encodeSealed(message()), contentType: type }), {
      code: 'http.auth.sealed',
    });
  }
});
