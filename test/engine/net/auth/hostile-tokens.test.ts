/** Tokens that were truncated, altered or invented: only our errors escape, and in no time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc, { thinned } from '../../../support/checks/properties.ts';
import { EngineError } from '../../../../src/engine/base/errors.ts';
import { parseAuthenticate } from '../../../../src/engine/net/auth/ntlm/messages/authenticate.ts';
import { parseAvPairs } from '../../../../src/engine/net/auth/ntlm/messages/av-pairs.ts';
import { parseChallenge } from '../../../../src/engine/net/auth/ntlm/messages/challenge.ts';
import { parseNegotiate } from '../../../../src/engine/net/auth/ntlm/messages/negotiate.ts';
import {
  ntlmMechanism,
  ntlmAcceptorMechanism,
} from '../../../../src/engine/net/auth/ntlm/ntlm-mechanism.ts';
import { parseInit } from '../../../../src/engine/net/auth/spnego/init-token.ts';
import { parseResponse } from '../../../../src/engine/net/auth/spnego/response-token.ts';
import { spnegoAcceptor } from '../../../../src/engine/net/auth/spnego/spnego-acceptor.ts';
import { spnegoInitiator } from '../../../../src/engine/net/auth/spnego/spnego-initiator.ts';
import { channelBinding } from '../../../../src/engine/net/auth/tls/channel-binding.ts';
import { clientInput, logIn, serverInput } from '../../../support/auth/ntlm-pair.ts';

type Parser = (bytes: Buffer) => unknown;

const parsers: Readonly<Record<string, Parser>> = {
  negotiate: parseNegotiate,
  challenge: parseChallenge,
  authenticate: (bytes) => parseAuthenticate(bytes, 1),
  avPairs: parseAvPairs,
  init: parseInit,
  response: parseResponse,
  certificate: channelBinding,
};

/** Returns tokens of a real login, by the parser that reads them. */
async function samples(): Promise<Record<string, Buffer>> {
  const found: Record<string, Buffer> = {};
  await logIn(clientInput(), serverInput(), (message, number) => {
    found[['', 'negotiate', 'challenge', 'authenticate'][number] as string] = message;
    return message;
  });
  const client = spnegoInitiator([ntlmMechanism(clientInput())]);
  found['init'] = (await client.step(undefined)).token as Buffer;
  const server = spnegoAcceptor([ntlmAcceptorMechanism(serverInput())]);
  found['response'] = (await server.step(found['init'])).token as Buffer;
  found['avPairs'] = Buffer.from('020004006100620007000800000000000000000000000000', 'hex');
  return found;
}

/** Runs a parser; anything but one of our errors fails the test. */
function survives(parse: Parser, bytes: Buffer): EngineError | undefined {
  try {
    parse(bytes);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof EngineError, String(error));
    assert.equal(error.code, 'http.auth.token');
    return error;
  }
}

test('every token that is cut short is read or refused', async () => {
  const all = await samples();
  assert.equal(Object.keys(all).length, 6);
  for (const [name, token] of Object.entries(all)) {
    const parse = parsers[name] as Parser;
    assert.equal(survives(parse, token), undefined, name);
    let refused = 0;
    for (let length = 0; length < token.length; length++) {
      if (survives(parse, token.subarray(0, length)) !== undefined) refused++;
    }
    assert.ok(refused >= Math.min(16, token.length - 1), `${name}: ${refused} refused`);
  }
});

test('altered bytes, and bytes that are not a token, do no harm', async () => {
  const all = await samples();
  for (const [name, parse] of Object.entries(parsers)) {
    const token = all[name] ?? Buffer.from('3003300006', 'hex');
    const changes = fc.array(fc.tuple(fc.nat(token.length - 1), fc.nat(255)), { maxLength: 8 });
    fc.assert(
      fc.property(changes, (places) => {
        const altered = Buffer.from(token);
        for (const [at, value] of places) altered[at] = value;
        survives(parse, altered);
      }),
      { numRuns: thinned(300) },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        survives(parse, Buffer.from(bytes));
      }),
    );
  }
});

test('a field that points outside its message, or into the header, is named', async () => {
  const { challenge, authenticate } = await samples();
  for (const [token, at, parse, name] of [
    [challenge, 40, parsers['challenge'], /CHALLENGE message: TargetInfo has \d+ bytes at/],
    [
      authenticate,
      20,
      parsers['authenticate'],
      /AUTHENTICATE message: NtResponse has \d+ bytes at/,
    ],
  ] as const) {
    for (const offset of [0, 12, 0x7fffffff, 0xffffffff, (token as Buffer).length]) {
      const altered = Buffer.from(token as Buffer);
      altered.writeUInt32LE(offset, at + 4);
      assert.match(survives(parse as Parser, altered)?.message ?? '', name);
    }
    const long = Buffer.from(token as Buffer);
    long.writeUInt16LE(0xffff, at);
    assert.match(survives(parse as Parser, long)?.message ?? '', name);
  }
});

test('lists without end, with repeated or wrong attributes, or too long are refused', () => {
  const cases: Record<string, RegExp> = {
    '': /has no end/,
    '01000400aabb': /4 bytes at 4 of 6/,
    '07000400aabbccdd00000000': /expected 8 bytes, found 4/,
    '010000000100000000000000': /occurs twice/,
  };
  for (const [hex, message] of Object.entries(cases)) {
    assert.throws(() => parseAvPairs(Buffer.from(hex, 'hex')), { message });
  }
  const many = Array.from({ length: 65 }, (_, i) => {
    const pair = Buffer.alloc(4);
    pair.writeUInt16LE(i + 100);
    return pair;
  });
  assert.throws(() => parseAvPairs(Buffer.concat(many)), /more than 64/);
});
