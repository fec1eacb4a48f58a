import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { newGuid } from '../../../../src/engine/base/guid.ts';
import {
  CREATE_CONTEXT,
  createContexts,
  findCreateContext,
} from '../../../../src/engine/net/smb/codec/files/create-context-kinds.ts';
import { CREATE } from '../../../../src/engine/net/smb/codec/files/create.ts';
import { READ } from '../../../../src/engine/net/smb/codec/files/read.ts';
import { COMMAND } from '../../../../src/engine/net/smb/codec/protocol/constants.ts';
import { encodeEmpty } from '../../../../src/engine/net/smb/codec/protocol/empty-body.ts';
import type { FileId } from '../../../../src/engine/net/smb/codec/protocol/file-id.ts';
import { CIPHER } from '../../../../src/engine/net/smb/codec/session/negotiate-contexts.ts';
import { STATUS } from '../../../../src/engine/net/smb/status/nt-status.ts';
import {
  connected,
  connectTree,
  createRequest,
  HandMadeClient,
  login,
  negotiated,
  open,
  type Sent,
} from '../../../support/smb/hand-made-client.ts';
import { servedFiles, type ServedFiles } from '../../../support/smb/served-files.ts';

async function scene(t: TestContext): Promise<ServedFiles> {
  const files = await servedFiles(t);
  for (const folder of ['VMs', 'Shared']) {
    writeFileSync(join(files.root, folder, 'disk.vhdx'), 'contents of the disk');
  }
  return files;
}

const read = (fileId: FileId): Sent => ({
  command: COMMAND.read,
  body: READ.encodeRequest({ flags: 0, length: 8, offset: 0n, fileId, minimum: 0 }),
});
const echo: Sent = { command: COMMAND.echo, body: encodeEmpty() };

test('an unsigned, an altered and a foreign request are refused; the session goes on', async (t) => {
  const files = await scene(t);
  const client = await connected(t, files);
  const { fileId } = await open(client, 'disk.vhdx');
  client.protect = 'plain';
  assert.equal((await client.request(read(fileId))).header.status, STATUS.accessDenied);
  const altered = client.message(read(fileId));
  client.protection?.sign(altered);
  altered[70] = (altered[70] ?? 0) ^ 1;
  client.raw(altered);
  assert.equal((await client.answer()).header.status, STATUS.accessDenied);
  client.protect = 'signed';
  assert.equal((await client.request(read(fileId))).header.status, 0);
  const foreign = { ...read(fileId), header: { treeId: 77 } };
  assert.equal((await client.request(foreign)).header.status, STATUS.networkNameDeleted);
  const nobody = { ...read(fileId), header: { sessionId: 99n } };
  assert.equal((await client.request(nobody)).header.status, STATUS.userSessionDeleted);
});

test('handles and trees of another session are not reachable', async (t) => {
  const files = await scene(t);
  const [one, two] = [await connected(t, files), await connected(t, files)];
  const { fileId } = await open(one, 'disk.vhdx');
  assert.equal((await two.request(read(fileId))).header.status, STATUS.fileClosed);
  const stolen = { ...read(fileId), header: { sessionId: one.sessionId } };
  assert.equal((await two.request(stolen)).header.status, STATUS.userSessionDeleted);
  assert.equal(await connectTree(one, 'Shared'), 0);
  assert.equal((await one.request(read(fileId))).header.status, STATUS.fileClosed);
});

test('a share that encrypts takes no plain request, and needs a client that can encrypt', async (t) => {
  const files = await scene(t);
  for (const cipher of [CIPHER.aes128Ccm, CIPHER.aes128Gcm, CIPHER.aes256Ccm, CIPHER.aes256Gcm]) {
    const client = await connected(t, files, 'Sealed', { ciphers: [cipher] });
    const plain = await open(client, 'VMs\\disk.vhdx');
    assert.equal(plain.status, STATUS.accessDenied);
    client.protect = 'encrypted';
    const { status, fileId } = await open(client, 'VMs\\disk.vhdx');
    assert.equal(status, 0);
    const { bytes } = await client.request(read(fileId));
    assert.equal(READ.decodeResponse(bytes).data.toString(), 'contents');
  }
  const old = await HandMadeClient.connect(t, files.port);
  await negotiated(old, { dialects: [0x0210] });
  assert.equal(await login(old, files), 0);
  assert.equal(await connectTree(old, 'Sealed'), STATUS.accessDenied);
});

test('an altered encrypted request, or one of another session, ends the connection', async (t) => {
  const files = await scene(t);
  const client = await connected(t, files, 'Sealed');
  client.protect = 'encrypted';
  const pieces = client.protection?.encrypt([client.message(echo)]) ?? [];
  const frame = Buffer.concat(pieces);
  frame[60] = (frame[60] ?? 0) ^ 1;
  client.raw(frame);
  await client.ended();
  const other = await connected(t, files, 'Sealed');
  other.protect = 'encrypted';
  other.send({ ...echo, header: { sessionId: other.sessionId + 1n } });
  await other.ended();
});

test('a session that names the one before frees what it had open', async (t) => {
  const files = await scene(t);
  const dead = await connected(t, files);
  const held = await open(dead, 'disk.vhdx', { shareAccess: 0 });
  assert.equal(held.status, 0);
  const next = await connected(t, files);
  assert.equal((await open(next, 'disk.vhdx')).status, STATUS.sharingViolation);
  const freed = await connected(t, files, 'VMs', { previousSessionId: dead.sessionId });
  assert.equal((await open(freed, 'disk.vhdx')).status, 0);
  assert.equal((await dead.request(echo)).header.status, STATUS.userSessionDeleted);
});

test('an expired session logs in again, keeps its keys and its handles', async (t) => {
  const files = await scene(t);
  const client = await connected(t, files);
  const { fileId } = await open(client, 'disk.vhdx');
  files.lab.faults.set('smb.expired', null, 1);
  assert.equal((await client.request(read(fileId))).header.status, STATUS.networkSessionExpired);
  assert.equal((await client.request(echo)).header.status, STATUS.networkSessionExpired);
  assert.equal(await login(client, files), 0);
  assert.equal((await client.request(read(fileId))).header.status, 0);
});

test('wrong passwords are refused, and a refused session is gone', async (t) => {
  const files = await scene(t);
  const client = await HandMadeClient.connect(t, files.port);
  await negotiated(client);
  assert.equal(await login(client, files, { password: 'other' }), STATUS.logonFailure);
  client.protect = 'plain';
  assert.equal((await client.request(echo)).header.status, STATUS.userSessionDeleted);
});

test('a handle outlives its connection on a continuous share only', async (t) => {
  const files = await scene(t);
  const durable = { timeout: 0, flags: 2, createGuid: newGuid() };
  const contexts = [createContexts.durable2(durable)];
  const openDurable = async (share: string) => {
    const client = await connected(t, files, share);
    const request = createRequest('disk.vhdx', { shareAccess: 0, contexts });
    const answer = CREATE.decodeResponse((await client.request(request)).bytes);
    return { client, answer };
  };
  const refused = await openDurable('VMs');
  assert.equal(findCreateContext(refused.answer.contexts, CREATE_CONTEXT.durable2), undefined);
  const { client, answer } = await openDurable('Shared');
  assert.ok(findCreateContext(answer.contexts, CREATE_CONTEXT.durable2));
  client.destroy();
  refused.client.destroy();
  const next = await connected(t, files, 'Shared', { previousSessionId: client.sessionId });
  assert.equal((await open(next, 'disk.vhdx')).status, STATUS.sharingViolation);
  const wrong = { fileId: answer.fileId, createGuid: newGuid(), flags: 2 };
  const reconnect = (data: typeof wrong) =>
    open(next, 'disk.vhdx', { contexts: [createContexts.reconnectDurable2(data)] });
  assert.equal((await reconnect(wrong)).status, STATUS.objectNameNotFound);
  const again = await reconnect({ ...wrong, createGuid: durable.createGuid });
  assert.equal(again.status, 0);
  assert.equal((await next.request(read(again.fileId))).header.status, 0);
});

test('a removed share is gone for those that are connected to it', async (t) => {
  const files = await scene(t);
  const client = await connected(t, files);
  const { fileId } = await open(client, 'disk.vhdx');
  const { smb } = files.lab.state;
  assert.ok(smb);
  smb.shares = smb.shares.filter(({ name }) => name !== 'VMs');
  assert.equal((await client.request(read(fileId))).header.status, STATUS.networkNameDeleted);
  assert.equal(await connectTree(client, 'VMs'), STATUS.badNetworkName);
  assert.ok(existsSync(join(files.root, 'VMs')));
});
