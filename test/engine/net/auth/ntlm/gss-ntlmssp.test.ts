/** Logins with an independent implementation at the other end: gss-ntlmssp, raw and in SPNEGO. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type {
  AcceptorContext,
  SecurityContext,
} from '../../../../../src/engine/net/auth/contract/security-context.ts';
import { Secret } from '../../../../../src/engine/net/auth/contract/secret.ts';
import { ntlmAcceptor } from '../../../../../src/engine/net/auth/ntlm/ntlm-acceptor.ts';
import { ntlmInitiator } from '../../../../../src/engine/net/auth/ntlm/ntlm-initiator.ts';
import {
  ntlmAcceptorMechanism,
  ntlmMechanism,
} from '../../../../../src/engine/net/auth/ntlm/ntlm-mechanism.ts';
import { spnegoAcceptor } from '../../../../../src/engine/net/auth/spnego/spnego-acceptor.ts';
import { spnegoInitiator } from '../../../../../src/engine/net/auth/spnego/spnego-initiator.ts';
import {
  startGssPeer,
  type GssPeer,
  type GssStep,
} from '../../../../support/auth/gss-ntlm-peer.ts';
import { clientInput, PASSWORD, serverInput } from '../../../../support/auth/ntlm-pair.ts';

interface Setting {
  readonly spnego: boolean;
  readonly user?: string;
  readonly password?: string;
  readonly binding?: Buffer;
  readonly theirBinding?: Buffer;
}

const USERS = [`HARBOUR:mara:${PASSWORD}`];
const BINDING = Buffer.from('tls-server-end-point:0123456789abcdef0123456789abcdef');

async function start(t: TestContext, role: string, setting: Setting): Promise<GssPeer | undefined> {
  const peer = await startGssPeer(t, USERS);
  const binding = setting.theirBinding ?? setting.binding;
  await peer?.begin({
    role,
    spnego: setting.spnego,
    user: setting.user ?? 'HARBOUR\\mara',
    password: setting.password ?? PASSWORD,
    target: 'HTTP@kite.harbour.test',
    binding: binding?.toString('base64') ?? null,
  });
  return peer;
}

/** Our client logs in to gss-ntlmssp. */
async function ourClient(peer: GssPeer, setting: Setting): Promise<[SecurityContext, GssStep]> {
  const { user = 'HARBOUR\\mara', password = PASSWORD } = setting;
  const credential = { user, password: new Secret(password) };
  const input = clientInput({ credential, channelBinding: setting.binding });
  const client = setting.spnego ? spnegoInitiator([ntlmMechanism(input)]) : ntlmInitiator(input);
  let ours = await client.step(undefined);
  let theirs: GssStep;
  do {
    theirs = await peer.step(ours.token);
    if (theirs.token !== undefined) ours = await client.step(theirs.token);
  } while (!theirs.complete);
  assert.ok(ours.complete);
  return [client, theirs];
}

/** gss-ntlmssp logs in to our service. */
async function ourService(peer: GssPeer, setting: Setting): Promise<[AcceptorContext, GssStep]> {
  const input = serverInput({ channelBinding: setting.binding, strictBinding: true });
  const server = setting.spnego
    ? spnegoAcceptor([ntlmAcceptorMechanism(input)])
    : ntlmAcceptor(input);
  let theirs = await peer.step(undefined);
  while (theirs.token !== undefined) {
    const ours = await server.step(theirs.token);
    if (theirs.complete) break;
    theirs = await peer.step(ours.token);
  }
  assert.ok(theirs.complete);
  return [server, theirs];
}

/** Messages are not empty: gss-ntlmssp does not wrap an empty one. */
async function exchange(ours: SecurityContext, peer: GssPeer): Promise<void> {
  for (const text of ['<one/>', '<two/>', '<three>ä</three>', 'x'.repeat(70_000)]) {
    const message = Buffer.from(text);
    assert.deepEqual(await peer.unseal(ours.seal(message)), message);
    assert.deepEqual(ours.unseal(await peer.seal(message)), message);
  }
}

for (const spnego of [false, true]) {
  const form = spnego ? 'SPNEGO' : 'raw NTLM';

  test(`our client and gss-ntlmssp exchange sealed messages (${form})`, async (t) => {
    const setting = { spnego, binding: BINDING };
    const peer = await start(t, 'accept', setting);
    if (peer === undefined) return;
    const [client, theirs] = await ourClient(peer, setting);
    assert.equal(theirs.user, 'HARBOUR\\mara');
    assert.deepEqual(client.sessionKey(), theirs.sessionKey);
    await exchange(client, peer);
  });

  test(`gss-ntlmssp and our service exchange sealed messages (${form})`, async (t) => {
    const setting = { spnego, binding: BINDING };
    const peer = await start(t, 'initiate', setting);
    if (peer === undefined) return;
    const [server, theirs] = await ourService(peer, setting);
    assert.equal(server.user, 'HARBOUR\\mara');
    assert.deepEqual(server.sessionKey(), theirs.sessionKey);
    await exchange(server, peer);
  });

  test(`gss-ntlmssp refuses our client's wrong password and wrong channel (${form})`, async (t) => {
    const wrong: readonly Setting[] = [
      { spnego, password: `${PASSWORD}.` },
      { spnego, binding: BINDING, theirBinding: Buffer.from('tls-server-end-point:other') },
    ];
    for (const setting of wrong) {
      const peer = await start(t, 'accept', setting);
      if (peer === undefined) return;
      await assert.rejects(ourClient(peer, setting), /^Error: \w+Error: Major \(/);
    }
  });

  test(`our service refuses gss-ntlmssp's wrong password and wrong channel (${form})`, async (t) => {
    const wrong: readonly Setting[] = [
      { spnego, password: `${PASSWORD}.` },
      { spnego, binding: BINDING, theirBinding: Buffer.from('tls-server-end-point:other') },
    ];
    for (const setting of wrong) {
      const peer = await start(t, 'initiate', setting);
      if (peer === undefined) return;
      await assert.rejects(ourService(peer, setting), { code: 'http.auth.failed' });
    }
  });
}
