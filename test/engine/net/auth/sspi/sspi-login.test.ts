import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { isEngineError } from '../../../../../src/engine/base/errors.ts';
import { Secret } from '../../../../../src/engine/net/auth/contract/secret.ts';
import type {
  AcceptorContext,
  InitiatorInput,
  SecurityContext,
} from '../../../../../src/engine/net/auth/contract/security-context.ts';
import { ntlmAcceptor } from '../../../../../src/engine/net/auth/ntlm/ntlm-acceptor.ts';
import { sspiInitiator } from '../../../../../src/engine/net/auth/sspi/sspi-initiator.ts';
import { clientInput, serverInput } from '../../../../support/auth/ntlm-pair.ts';

/**
 * SSPI exists on Windows; under Wine it has NTLM if winbind's program ntlm_auth is installed, which
 * scripts/test-windows.mjs reports.
 */
function onWindows(t: TestContext): boolean {
  if (process.platform !== 'win32') t.skip('needs Windows or Wine');
  else if (process.env['REFPOINT_NTLM_AUTH'] !== '1') t.skip('needs ntlm_auth of winbind');
  else return true;
  return false;
}

/** Passwords of ASCII: ntlm_auth reads its input in the character set of the system. */
const service = (): AcceptorContext => ntlmAcceptor(serverInput());
const keeper = (change: Partial<InitiatorInput> = {}): InitiatorInput =>
  clientInput(change, '.\\keeper');

async function logIn(client: SecurityContext, server: AcceptorContext): Promise<void> {
  const first = await client.step(undefined);
  const second = await server.step(first.token);
  const third = await client.step(second.token);
  assert.equal(third.complete, true);
  await server.step(third.token);
}

test('SSPI logs in with given credentials and seals both ways', async (t) => {
  if (!onWindows(t)) return;
  for (const name of ['NTLM', 'Negotiate'] as const) {
    const server = service();
    const client = sspiInitiator(keeper(), { package: name });
    await logIn(client, server);
    assert.equal(client.mechanism, 'ntlm');
    assert.equal(server.user, 'keeper');
    for (const text of ['<a/>', `<Pull>${'ü'.repeat(10_000)}</Pull>`]) {
      const sealed = client.seal(Buffer.from(text));
      assert.equal(sealed.signature.length, 16);
      assert.equal(sealed.data.length, Buffer.byteLength(text));
      assert.equal(server.unseal(sealed).toString(), text);
      assert.equal(client.unseal(server.seal(Buffer.from(text))).toString(), text);
    }
    const altered = server.seal(Buffer.from('<b/>'));
    altered.data[0] = (altered.data[0] ?? 0) ^ 1;
    assert.throws(() => client.unseal(altered), hasCode('http.auth.sealed'));
    client.close();
    client.close();
    assert.throws(() => client.seal(Buffer.from('x')), hasCode('http.auth.token'));
  }
});

test('SSPI reports a wrong token, a missing package and a missing key', async (t) => {
  if (!onWindows(t)) return;
  const kerberos = sspiInitiator(keeper(), { package: 'Kerberos' });
  await assert.rejects(kerberos.step(undefined), (error) => isEngineError(error));
  kerberos.close();
  const client = sspiInitiator(keeper(), { package: 'NTLM' });
  await client.step(undefined);
  await assert.rejects(client.step(Buffer.from('NTLMSSP\0nonsense')), (error) =>
    isEngineError(error),
  );
  await assert.rejects(client.step(undefined), hasCode('http.auth.token'));
  client.close();
});

test('a wrong password does not log in', async (t) => {
  if (!onWindows(t)) return;
  const credential = { user: '.\\keeper', password: new Secret('not-this-one') };
  const client = sspiInitiator(keeper({ credential }), { package: 'NTLM' });
  await assert.rejects(logIn(client, service()), hasCode('http.auth.failed'));
  client.close();
});

test('SSPI is named as missing on other systems than Windows', (t) => {
  if (process.platform === 'win32') return t.skip('has SSPI');
  assert.throws(
    () => sspiInitiator(keeper()),
    (error) => {
      assert.ok(hasCode('http.auth.library')(error));
      assert.match(
        (error as Error).message,
        /secur32\.dll cannot be loaded.*SSPI exists on Windows only/,
      );
      return true;
    },
  );
});

function hasCode(
  code: 'http.auth.sealed' | 'http.auth.token' | 'http.auth.failed' | 'http.auth.library',
) {
  return (error: unknown): boolean => isEngineError(error, code);
}
