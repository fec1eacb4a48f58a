import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OID } from '../../../../../src/engine/net/auth/contract/mechanism-oids.ts';
import type {
  AcceptorMechanism,
  Mechanism,
} from '../../../../../src/engine/net/auth/contract/mechanism.ts';
import type {
  AcceptorContext,
  SecurityContext,
} from '../../../../../src/engine/net/auth/contract/security-context.ts';
import {
  ntlmAcceptorMechanism,
  ntlmMechanism,
} from '../../../../../src/engine/net/auth/ntlm/ntlm-mechanism.ts';
import { ntlmInitiator } from '../../../../../src/engine/net/auth/ntlm/ntlm-initiator.ts';
import {
  encodeInit,
  encodeMechanisms,
  parseInit,
} from '../../../../../src/engine/net/auth/spnego/init-token.ts';
import {
  encodeResponse,
  parseResponse,
  type ResponseToken,
} from '../../../../../src/engine/net/auth/spnego/response-token.ts';
import { spnegoAcceptor } from '../../../../../src/engine/net/auth/spnego/spnego-acceptor.ts';
import { spnegoInitiator } from '../../../../../src/engine/net/auth/spnego/spnego-initiator.ts';
import { clientInput, serverInput } from '../../../../support/auth/ntlm-pair.ts';

/** NTLM under the identifier of another mechanism, which most services do not know. */
const OTHER = '1.2.840.113554.1.2.2';
const ntlm = (): Mechanism => ntlmMechanism(clientInput());
const other = (): Mechanism => ({ ...ntlm(), oid: OTHER });
const service = (): AcceptorMechanism => ntlmAcceptorMechanism(serverInput());

/** Changes a token on its way; counts from 1. */
type OnTheWay = (token: Buffer, number: number) => Buffer;

/** Exchanges tokens until both sides are complete. */
async function negotiate(
  client: SecurityContext,
  server: AcceptorContext,
  onTheWay: OnTheWay = (token) => token,
): Promise<number> {
  let sent = 0;
  const pass = (token: Buffer | undefined): Buffer => onTheWay(token as Buffer, ++sent);
  let ours = await client.step(undefined);
  for (;;) {
    const theirs = await server.step(pass(ours.token));
    if (theirs.token === undefined) break;
    ours = await client.step(pass(theirs.token));
    if (ours.token === undefined) break;
  }
  return sent;
}

function exchange(client: SecurityContext, server: SecurityContext): void {
  for (const text of ['<a/>', '<b/>']) {
    assert.equal(server.unseal(client.seal(Buffer.from(text))).toString(), text);
    assert.equal(client.unseal(server.seal(Buffer.from(text))).toString(), text);
  }
}

const changed = (token: Buffer, change: Partial<ResponseToken>): Buffer =>
  encodeResponse({ ...parseResponse(token), ...change });

test('NTLM in SPNEGO: both sides sign the list, then messages have number 1', async () => {
  const client = spnegoInitiator([ntlm()]);
  const server = spnegoAcceptor([service()]);
  assert.equal(client.mechanism, undefined);
  const sent = await negotiate(client, server, (token, number) => {
    if (number === 1) assert.deepEqual(parseInit(token).mechanisms, [OID.ntlm]);
    if (number >= 3) assert.equal(parseResponse(token).listMic?.length, 16, `token ${number}`);
    return token;
  });
  assert.equal(sent, 4);
  assert.equal(client.mechanism, 'ntlm');
  assert.equal(server.user, 'HARBOUR\\mara');
  assert.deepEqual(client.sessionKey(), server.sessionKey());
  assert.equal(client.seal(Buffer.from('x')).signature.readUInt32LE(12), 1);
});

test('a service answers raw NTLM with raw NTLM', async () => {
  const client = ntlmInitiator(clientInput());
  const server = spnegoAcceptor([service()]);
  await negotiate(client, server, (token) => {
    assert.equal(token.toString('latin1', 0, 7), 'NTLMSSP');
    return token;
  });
  assert.equal(server.user, 'HARBOUR\\mara');
  exchange(client, server);
});

test('a service that lacks the preferred mechanism selects the next one, and the list is signed', async () => {
  const client = spnegoInitiator([other(), ntlm()]);
  const server = spnegoAcceptor([service()]);
  const states: unknown[] = [];
  await negotiate(client, server, (token, number) => {
    if (number % 2 === 0) states.push(parseResponse(token).state);
    return token;
  });
  assert.deepEqual(states, ['requestMic', 'incomplete', 'completed']);
  exchange(client, server);
});

test('a list that was stripped or reordered on the way is noticed', async () => {
  const both = [other(), ntlm()];
  const lists = {
    stripped: [OID.ntlm],
    reordered: [OID.ntlm, OTHER],
    extended: [OTHER, OID.ntlm, OID.negoEx],
  };
  for (const [how, list] of Object.entries(lists)) {
    for (const keepsToken of [true, false]) {
      const attack = negotiate(
        spnegoInitiator(both),
        spnegoAcceptor([service()]),
        (token, number) => {
          if (number !== 1) return token;
          return encodeInit(
            encodeMechanisms(list),
            keepsToken ? parseInit(token).token : undefined,
          );
        },
      );
      const refused = { code: 'http.auth.downgrade', message: /list of mechanisms/ };
      await assert.rejects(attack, refused, how);
    }
  }
});

test('a signature of the list that is missing or altered ends the login at either end', async () => {
  const forged = Buffer.alloc(16, 1);
  for (const number of [3, 4]) {
    for (const listMic of [undefined, forged]) {
      const attack = negotiate(
        spnegoInitiator([ntlm()]),
        spnegoAcceptor([service()]),
        (token, at) => (at === number ? changed(token, { listMic }) : token),
      );
      await assert.rejects(attack, { code: 'http.auth.downgrade' }, `token ${number}`);
    }
  }
});

test('a host that selects a mechanism that was not offered is refused', async () => {
  for (const mechanism of [OTHER, OID.negoEx]) {
    const attack = negotiate(spnegoInitiator([ntlm()]), spnegoAcceptor([service()]), (token, at) =>
      at === 2 ? changed(token, { mechanism }) : token,
    );
    await assert.rejects(attack, { code: 'http.auth.mechanism', message: /expected NTLM/ });
  }
  const late = negotiate(
    spnegoInitiator([ntlm(), other()]),
    spnegoAcceptor([service()]),
    (token, at) => (at === 4 ? changed(token, { mechanism: OTHER }) : token),
  );
  await assert.rejects(late, { code: 'http.auth.mechanism' });
});

test('a service without a common mechanism, and a host that rejects, say so', async () => {
  const none = negotiate(spnegoInitiator([other()]), spnegoAcceptor([service()]));
  await assert.rejects(none, { code: 'http.auth.mechanism', message: /Kerberos; expected NTLM/ });
  const rejecting = negotiate(
    spnegoInitiator([ntlm()]),
    spnegoAcceptor([service()]),
    (token, at) => (at === 2 ? encodeResponse({ state: 'reject' }) : token),
  );
  await assert.rejects(rejecting, { code: 'http.auth.failed', message: /reject/ });
});

test('a host that claims success without proof is refused', async () => {
  for (const at of [2, 4]) {
    const attack = negotiate(
      spnegoInitiator([ntlm()]),
      spnegoAcceptor([service()]),
      (token, number) => (number === at ? encodeResponse({ state: 'completed' }) : token),
    );
    await assert.rejects(attack, { code: /^http\.auth\.(?:token|downgrade)$/ }, `token ${at}`);
  }
});

test('a server of SMB may offer its mechanisms first', async () => {
  const offer = encodeInit(encodeMechanisms([OID.kerberos, OID.ntlm]), undefined);
  const client = spnegoInitiator([ntlm()]);
  assert.ok((await client.step(offer)).token !== undefined);
  const without = encodeInit(encodeMechanisms([OID.negoEx]), undefined);
  await assert.rejects(spnegoInitiator([ntlm()]).step(without), { code: 'http.auth.mechanism' });
});

test('nothing is sealed while the negotiation is open, nor is a failed one continued', async () => {
  const client = spnegoInitiator([ntlm()]);
  await client.step(undefined);
  assert.throws(() => client.seal(Buffer.from('x')), { code: 'http.auth.token' });
  await assert.rejects(client.step(encodeResponse({ state: 'reject' })));
  await assert.rejects(client.step(Buffer.from('a1', 'hex')), { message: /has failed/ });
});
