import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { newGuid } from '../../../../src/engine/base/guid.ts';
import { FSCTL, IOCTL, IS_FSCTL } from '../../../../src/engine/net/smb/codec/files/ioctl.ts';
import { COMMAND, DIALECT, FLAG } from '../../../../src/engine/net/smb/codec/protocol/constants.ts';
import { encodeEmpty } from '../../../../src/engine/net/smb/codec/protocol/empty-body.ts';
import { NO_FILE } from '../../../../src/engine/net/smb/codec/protocol/file-id.ts';
import { encodePreauth } from '../../../../src/engine/net/smb/codec/session/negotiate-contexts.ts';
import {
  NEGOTIATE,
  type NegotiateRequest,
  type NegotiateResponse,
} from '../../../../src/engine/net/smb/codec/session/negotiate.ts';
import { VALIDATE_NEGOTIATE } from '../../../../src/engine/net/smb/codec/session/validate-negotiate.ts';
import { STATUS } from '../../../../src/engine/net/smb/status/nt-status.ts';
import {
  connected,
  connectTree,
  HandMadeClient,
  login,
  negotiateContexts,
  negotiated,
  negotiateRequest,
  type Answer,
} from '../../../support/smb/hand-made-client.ts';
import { servedFiles, type ServedFiles } from '../../../support/smb/served-files.ts';

async function ask(
  t: TestContext,
  { port }: ServedFiles,
  more: Partial<NegotiateRequest>,
): Promise<Answer> {
  const client = await HandMadeClient.connect(t, port);
  const body = NEGOTIATE.encodeRequest({ ...negotiateRequest(), ...more });
  return client.request({ command: COMMAND.negotiate, body });
}

const answerOf = ({ header, bytes }: Answer): NegotiateResponse => {
  assert.equal(header.status, 0, `status 0x${header.status.toString(16)}`);
  return NEGOTIATE.decodeResponse(bytes);
};

test('the highest common dialect answers, with what belongs to it', async (t) => {
  const files = await servedFiles(t);
  const { smb202, smb210, smb300, smb302, smb311 } = DIALECT;
  for (const [dialects, dialect, capabilities, most] of [
    [[smb202], smb202, 0, 65_536],
    [[smb202, smb210], smb210, 4, 8 << 20],
    [[smb210, smb300, 0x999], smb300, 0x54, 8 << 20],
    [[smb302, smb210], smb302, 0x54, 8 << 20],
    [[smb311, smb202], smb311, 0x14, 8 << 20],
  ] as const) {
    const contexts = dialect === smb311 ? negotiateContexts() : [];
    const answer = answerOf(await ask(t, files, { dialects, contexts }));
    assert.equal(answer.dialect, dialect);
    assert.equal(answer.capabilities, capabilities, `of 0x${dialect.toString(16)}`);
    assert.equal(answer.maxRead, most);
    assert.equal(answer.securityMode, 3);
    assert.equal(answer.contexts.length, dialect === smb311 ? 3 : 0);
  }
});

test('a NEGOTIATE without exactly one fitting preauthentication context is refused', async (t) => {
  const files = await servedFiles(t);
  const [preauth, encryption, signing] = negotiateContexts();
  assert.ok(preauth && encryption && signing);
  const others = [encryption, signing];
  const other = encodePreauth({ hashes: [2], salt: Buffer.alloc(8) });
  for (const [contexts, status] of [
    [others, STATUS.invalidParameter],
    [[preauth, preauth, ...others], STATUS.invalidParameter],
    [[{ type: 1, data: other }], 0xc05d_0000],
    [[preauth, ...others, encryption], STATUS.invalidParameter],
  ] as const) {
    const { header } = await ask(t, files, {
      contexts,
    });
    assert.equal(header.status, status);
  }
  assert.equal((await ask(t, files, { dialects: [] })).header.status, STATUS.invalidParameter);
  const unknown = await ask(t, files, { dialects: [0x310], contexts: [] });
  assert.equal(unknown.header.status, STATUS.notSupported);
});

test('a second NEGOTIATE, SMB 1 and a request before NEGOTIATE end the connection', async (t) => {
  const { port } = await servedFiles(t);
  const second = await HandMadeClient.connect(t, port);
  await negotiated(second);
  const body = NEGOTIATE.encodeRequest(negotiateRequest());
  second.send({ command: COMMAND.negotiate, body });
  await second.ended();
  const early = await HandMadeClient.connect(t, port);
  early.send({ command: COMMAND.echo, body: encodeEmpty() });
  await early.ended();
  const old = await HandMadeClient.connect(t, port);
  old.raw(smb1(['NT LM 0.12']));
  await old.ended();
  const other = await HandMadeClient.connect(t, port);
  other.raw(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
  await other.ended();
});

function smb1(dialects: readonly string[]): Buffer {
  const header = Buffer.alloc(35);
  header.writeUInt32BE(0xff53_4d42, 0);
  header[4] = 0x72;
  const list = Buffer.from(dialects.map((name) => `\x02${name}\0`).join(''), 'latin1');
  header.writeUInt16LE(list.length, 33);
  return Buffer.concat([header, list]);
}

test('a client that asks with SMB 1 is led to SMB 2', async (t) => {
  const files = await servedFiles(t);
  const client = await HandMadeClient.connect(t, files.port);
  client.raw(smb1(['NT LM 0.12', 'SMB 2.002', 'SMB 2.???']));
  const first = await client.answer();
  assert.equal(answerOf(first).dialect, DIALECT.wildcard);
  client.nextId = 1n;
  await negotiated(client);
  assert.equal(client.dialect, DIALECT.smb311);
  assert.equal(await login(client, files), 0);
  assert.equal(await connectTree(client, 'vms'), 0);
});

test('3.0 and 3.0.2 validate the negotiation; another recollection ends the connection', async (t) => {
  const files = await servedFiles(t);
  const clientGuid = newGuid();
  const dialects: readonly number[] = [DIALECT.smb300, DIALECT.smb302];
  const right = { capabilities: 0x7f, clientGuid, securityMode: 1, dialects };
  const send = async (input: typeof right, signed = true): Promise<HandMadeClient> => {
    const client = await connected(t, files, 'VMs', { dialects, clientGuid });
    const body = IOCTL.encodeRequest({
      code: FSCTL.validateNegotiateInfo,
      fileId: NO_FILE,
      input: VALIDATE_NEGOTIATE.encodeInput(input),
      maxInputResponse: 0,
      maxOutputResponse: 24,
      flags: IS_FSCTL,
    });
    if (!signed) client.protect = 'plain';
    client.send({ command: COMMAND.ioctl, body });
    return client;
  };
  const { header, bytes } = await (await send(right)).answer();
  assert.equal(header.status, 0);
  const { output } = IOCTL.decodeResponse(bytes);
  assert.equal(VALIDATE_NEGOTIATE.decodeOutput(output).dialect, DIALECT.smb302);
  await (await send({ ...right, dialects: [...dialects, DIALECT.smb311] })).ended();
  await (await send({ ...right, capabilities: 0x3f })).ended();
  await (await send({ ...right, clientGuid: newGuid() })).ended();
  const unsigned = await (await send(right, false)).answer();
  assert.equal(unsigned.header.status, STATUS.accessDenied);
});

test('credits are granted as on Windows, and each message id is used once', async (t) => {
  const files = await servedFiles(t);
  const client = await HandMadeClient.connect(t, files.port);
  const body = NEGOTIATE.encodeRequest(negotiateRequest());
  const first = await client.request({
    command: COMMAND.negotiate,
    body,
    header: { credits: 500 },
  });
  assert.equal(first.header.credits, 1, 'one credit before somebody is logged in');
  const ready = await connected(t, files);
  const echo = { command: COMMAND.echo, body: encodeEmpty() };
  const many = await ready.request({ ...echo, header: { credits: 60_000 } });
  assert.ok(many.header.credits > 7900 && many.header.credits < 8192, `${many.header.credits}`);
  const none = await ready.request({ ...echo, header: { credits: 500 } });
  assert.equal(none.header.credits, 1, 'what was used comes back');
  const used = await connected(t, files);
  used.send({ ...echo, header: { messageId: 2n } });
  await used.ended();
  const beyond = await connected(t, files);
  beyond.send({ ...echo, header: { messageId: 100_000n } });
  await beyond.ended();
});

test('with one credit in all a client gets on, message by message', async (t) => {
  const files = await servedFiles(t, { credits: 1 });
  const client = await connected(t, files);
  for (let n = 0; n < 5; n++) {
    const { header } = await client.request({ command: COMMAND.echo, body: encodeEmpty() });
    assert.equal(header.credits, 1);
  }
  client.send(
    { command: COMMAND.echo, body: encodeEmpty() },
    { command: COMMAND.echo, body: encodeEmpty() },
  );
  await client.ended();
});

test('a response from a client, and CANCEL within a compound, end the connection', async (t) => {
  const files = await servedFiles(t);
  const echo = { command: COMMAND.echo, body: encodeEmpty() };
  const wrong = await connected(t, files);
  wrong.send({ ...echo, header: { flags: FLAG.response } });
  await wrong.ended();
  const chain = await connected(t, files);
  chain.send(echo, { command: COMMAND.cancel, body: encodeEmpty() });
  await chain.ended();
});
