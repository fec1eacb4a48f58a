import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { READ } from '../../../../src/engine/net/smb/codec/files/read.ts';
import { COMMAND, FLAG } from '../../../../src/engine/net/smb/codec/protocol/constants.ts';
import { encodeEmpty } from '../../../../src/engine/net/smb/codec/protocol/empty-body.ts';
import { SESSION_SETUP } from '../../../../src/engine/net/smb/codec/session/session-setup.ts';
import { STATUS } from '../../../../src/engine/net/smb/status/nt-status.ts';
import {
  connected,
  HandMadeClient,
  login,
  negotiated,
  open,
  type Sent,
} from '../../../support/smb/hand-made-client.ts';
import { servedFiles, type ServedFiles } from '../../../support/smb/served-files.ts';

const echo: Sent = { command: COMMAND.echo, body: encodeEmpty() };

async function scene(t: TestContext): Promise<{ files: ServedFiles; client: HandMadeClient }> {
  const files = await servedFiles(t);
  writeFileSync(join(files.root, 'VMs', 'disk.vhdx'), 'contents of the disk');
  return { files, client: await connected(t, files) };
}

test('smb.drop and smb.lost close the connection at the message that is named', async (t) => {
  for (const name of ['smb.drop', 'smb.lost']) {
    const { files, client } = await scene(t);
    files.lab.faults.set(name, null, 1, 3);
    assert.equal((await client.request(echo)).header.status, 0);
    assert.equal((await client.request(echo)).header.status, 0);
    client.send(echo);
    await client.ended();
    const next = await connected(t, files);
    assert.equal((await next.request(echo)).header.status, 0, 'others are served');
  }
});

test('smb.pending answers later, and can be cancelled', async (t) => {
  const { files, client } = await scene(t);
  const { fileId } = await open(client, 'disk.vhdx');
  const body = READ.encodeRequest({ flags: 0, length: 8, offset: 0n, fileId, minimum: 0 });
  files.lab.faults.set('smb.pending', '50', 1);
  client.send({ command: COMMAND.read, body });
  const interim = await client.answer();
  assert.equal(interim.header.status, STATUS.pending);
  assert.ok((interim.header.flags & FLAG.async) !== 0);
  const final = await client.answer();
  assert.equal(READ.decodeResponse(final.bytes).data.toString(), 'contents');
  assert.equal(final.header.credits, 0, 'the interim answer granted them');
  files.lab.faults.set('smb.pending', '60000', 1);
  client.send({ command: COMMAND.read, body });
  const { header } = await client.answer();
  const cancel = { flags: FLAG.async, messageId: header.messageId, asyncId: header.asyncId };
  client.send({ command: COMMAND.cancel, body: encodeEmpty(), header: cancel });
  assert.equal((await client.answer()).header.status, STATUS.cancelled);
});

test('smb.credits leaves a client with as many credits as it says', async (t) => {
  const { files, client } = await scene(t);
  files.lab.faults.set('smb.credits', '1', null);
  for (;;) {
    const { header } = await client.request({ ...echo, header: { credits: 500 } });
    if (header.credits === 1) break;
    assert.equal(header.credits, 0);
  }
  assert.equal((await client.request({ ...echo, header: { credits: 500 } })).header.credits, 1);
});

test('smb.altered and smb.plain damage the protection of one answer', async (t) => {
  const { files, client } = await scene(t);
  const { protection } = client;
  assert.ok(protection);
  client.protection = undefined;
  const ask = async () => {
    const message = client.message(echo);
    protection.sign(message);
    client.raw(message);
    const { header, bytes } = await client.answer();
    return { isSigned: (header.flags & FLAG.signed) !== 0, right: protection.verifies([bytes]) };
  };
  files.lab.faults.set('smb.altered', null, 1);
  assert.deepEqual(await ask(), { isSigned: true, right: false });
  files.lab.faults.set('smb.plain', null, 1);
  assert.deepEqual(await ask(), { isSigned: false, right: false });
  assert.deepEqual(await ask(), { isSigned: true, right: true });
});

test('smb.guest answers the login of an account as if it were one of a guest', async (t) => {
  const files = await servedFiles(t);
  files.lab.faults.set('smb.guest', null, 1);
  const client = await HandMadeClient.connect(t, files.port);
  await negotiated(client);
  const answers: number[] = [];
  const answer = client.answer.bind(client);
  client.answer = async () => {
    const each = await answer();
    answers.push(SESSION_SETUP.decodeResponse(each.bytes).flags, each.header.flags & FLAG.signed);
    return each;
  };
  assert.equal(await login(client, files), 0);
  assert.deepEqual(answers, [0, 0, 1, 0]);
});
