import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { LOCK, LOCK_FLAG } from '../../../../src/engine/net/smb/codec/files/lock.ts';
import { READ } from '../../../../src/engine/net/smb/codec/files/read.ts';
import { COMMAND } from '../../../../src/engine/net/smb/codec/protocol/constants.ts';
import { encodeEmpty } from '../../../../src/engine/net/smb/codec/protocol/empty-body.ts';
import type { FileId } from '../../../../src/engine/net/smb/codec/protocol/file-id.ts';
import { CHANGE_NOTIFY } from '../../../../src/engine/net/smb/codec/queries/change-notify.ts';
import { SET_INFO } from '../../../../src/engine/net/smb/codec/queries/set-info.ts';
import { NEGOTIATE } from '../../../../src/engine/net/smb/codec/session/negotiate.ts';
import { SESSION_SETUP } from '../../../../src/engine/net/smb/codec/session/session-setup.ts';
import { utf16, written } from '../../../../src/engine/net/smb/codec/protocol/body.ts';
import { STATUS } from '../../../../src/engine/net/smb/status/nt-status.ts';
import {
  connected,
  createRequest,
  HandMadeClient,
  negotiated,
  negotiateRequest,
  open,
  type Sent,
} from '../../../support/smb/hand-made-client.ts';
import { random } from '../../../support/smb/mutate.ts';
import { servedFiles, type ServedFiles } from '../../../support/smb/served-files.ts';

async function scene(t: TestContext): Promise<{ files: ServedFiles; client: HandMadeClient }> {
  const files = await servedFiles(t);
  writeFileSync(join(files.root, 'VMs', 'disk.vhdx'), 'contents of the disk');
  return { files, client: await connected(t, files) };
}

const echo: Sent = { command: COMMAND.echo, body: encodeEmpty() };
const read = (fileId: FileId, length: number): Sent => ({
  command: COMMAND.read,
  body: READ.encodeRequest({ flags: 0, length, offset: 0n, fileId, minimum: 0 }),
});

test('frames above the limit end the connection before they are read', async (t) => {
  const { files, client: other } = await scene(t);
  const early = await HandMadeClient.connect(t, files.port);
  early.raw(Buffer.alloc(200_000));
  await early.ended();
  const late = await connected(t, files);
  late.raw(Buffer.alloc((8 << 20) + 300_000));
  await late.ended();
  assert.equal((await other.request(echo)).header.status, 0, 'other sessions go on');
});

test('lengths, counts and offsets outside of a message are refused', async (t) => {
  const { files, client } = await scene(t);
  const { fileId } = await open(client, 'disk.vhdx', { access: 0x1f_01ff });
  const status = async (request: Sent): Promise<number> =>
    (await client.request(request)).header.status;
  const bodies: [number, Buffer][] = [
    [COMMAND.create, Buffer.alloc(2)],
    [COMMAND.create, cut(createRequest('disk.vhdx').body, 46, 0xffff)],
    [COMMAND.create, cut(createRequest('disk.vhdx').body, 44, 0xffff)],
    [COMMAND.write, cut(Buffer.alloc(49, 0), 0, 49, 4, 0x7fff_ffff)],
    [COMMAND.queryInfo, Buffer.alloc(41, 255)],
    [COMMAND.lock, cut(Buffer.alloc(48), 0, 48, 2, 65)],
    [COMMAND.ioctl, Buffer.alloc(56, 57)],
    [COMMAND.setInfo, Buffer.alloc(1)],
    [99, Buffer.alloc(4)],
  ];
  for (const [command, body] of bodies) {
    assert.equal(await status({ command, body }), STATUS.invalidParameter, `command ${command}`);
  }
  assert.equal(await status(read(fileId, 0xffff_ffff)), STATUS.invalidParameter);
  const paid = { ...read(fileId, 8 << 20), header: { creditCharge: 1 } };
  assert.equal(await status(paid), STATUS.invalidParameter, 'one credit pays 64 KiB');
  const rename = (name: string, length: number): Sent => ({
    command: COMMAND.setInfo,
    body: SET_INFO.encodeRequest({
      infoType: 1,
      infoClass: 10,
      additional: 0,
      fileId,
      input: written(20 + 2 * name.length, (to) => to.u64(0).u64(0).u32(length).put(utf16(name))),
    }),
  });
  assert.equal(await status(rename('x', 4000)), STATUS.invalidParameter);
  assert.equal(await status(rename('..\\x', 8)), 0xc000_003b);
  assert.equal(await status(rename('a:b', 6)), STATUS.objectNameInvalid);
  assert.equal(readFileSync(join(files.root, 'VMs', 'disk.vhdx'), 'utf8'), 'contents of the disk');
});

/** Returns a copy with 16-bit fields at some places. */
function cut(body: Buffer, ...fields: readonly number[]): Buffer {
  const copy = Buffer.from(body);
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const value = fields[at + 1] ?? 0;
    if (value > 0xffff) copy.writeUInt32LE(value, fields[at] ?? 0);
    else copy.writeUInt16LE(value, fields[at] ?? 0);
  }
  return copy;
}

test('compounds whose offsets lead nowhere, or that are too long, end the connection', async (t) => {
  const { files } = await scene(t);
  for (const next of [4, 65, 0xffff_fff8]) {
    const client = await connected(t, files);
    const message = client.message({ ...echo, header: { nextCommand: next } });
    client.protection?.sign(message);
    client.raw(message);
    await client.ended();
  }
  const client = await connected(t, files);
  await client.request({ ...echo, header: { credits: 1000 } });
  client.send(...Array.from({ length: 200 }, () => echo));
  await client.ended();
});

test('floods of locks, notifies, opens and logins end in an error, and others go on', async (t) => {
  const { files, client } = await scene(t);
  const other = await connected(t, files);
  await client.request({ ...echo, header: { credits: 8000 } });
  const { fileId } = await open(client, 'disk.vhdx', { access: 3 });
  const flags = LOCK_FLAG.exclusive | LOCK_FLAG.failImmediately;
  const last = async (requests: number, make: (n: number) => Sent): Promise<number> => {
    let status = 0;
    for (let n = 0; n < requests && status !== STATUS.insufficientResources; n++) {
      ({ status } = (await client.request(make(n))).header);
    }
    return status;
  };
  const locks = await last(80, (n) => ({
    command: COMMAND.lock,
    body: LOCK.encodeRequest({
      sequence: 0,
      fileId,
      locks: Array.from({ length: 64 }, (_, at) => ({
        offset: BigInt(64 * n + at),
        length: 1n,
        flags,
      })),
    }),
  }));
  assert.equal(locks, STATUS.insufficientResources);
  const folder = await open(client, '');
  const notify = CHANGE_NOTIFY.encodeRequest({
    flags: 0,
    maxOutput: 4096,
    fileId: folder.fileId,
    filter: 0xfff,
  });
  const waits = await last(600, () => ({ command: COMMAND.changeNotify, body: notify }));
  assert.equal(waits, STATUS.insufficientResources);
  const trees = await connectMany(client);
  assert.equal(trees, STATUS.insufficientResources);
  assert.equal((await other.request(echo)).header.status, 0);
  assert.equal((await open(other, 'disk.vhdx')).status, 0);
});

async function connectMany(client: HandMadeClient): Promise<number> {
  const { connectTree } = await import('../../../support/smb/hand-made-client.ts');
  for (let n = 0; n < 300; n++) {
    const status = await connectTree(client, 'VMs');
    if (status !== 0) return status;
  }
  return 0;
}

test('tokens of a login that are no tokens are refused', async (t) => {
  const { files } = await scene(t);
  for (const token of [
    Buffer.alloc(0),
    Buffer.alloc(60, 255),
    Buffer.from('NTLMSSP\0\x03\0\0\0'),
  ]) {
    const client = await HandMadeClient.connect(t, files.port);
    await negotiated(client);
    const body = SESSION_SETUP.encodeRequest({
      flags: 0,
      securityMode: 1,
      capabilities: 0,
      previousSessionId: 0n,
      token,
    });
    const { header } = await client.request({ command: COMMAND.sessionSetup, body });
    assert.equal(header.status, STATUS.invalidParameter);
    const binding = SESSION_SETUP.encodeRequest({
      flags: 1,
      securityMode: 1,
      capabilities: 0,
      previousSessionId: 0n,
      token,
    });
    const bound = await client.request({ command: COMMAND.sessionSetup, body: binding });
    assert.equal(bound.header.status, STATUS.requestNotAccepted);
  }
});

test('mutated negotiations and logins of strangers stop nobody', async (t) => {
  const { files, client: other } = await scene(t);
  const next = random(99);
  const setup = SESSION_SETUP.encodeRequest({
    flags: 0,
    securityMode: 1,
    capabilities: 0,
    previousSessionId: other.sessionId,
    token: Buffer.from('604806062b0601050502a03e303ca00e300c060a2b06010401823702020a', 'hex'),
  });
  for (let n = 0; n < Number(process.env['REFPOINT_SMB_MUTATIONS'] ?? 120) / 2; n++) {
    const client = await HandMadeClient.connect(t, files.port);
    const first = n % 2 === 0;
    if (!first) await negotiated(client);
    const message = client.message(
      first
        ? { command: COMMAND.negotiate, body: NEGOTIATE.encodeRequest(negotiateRequest()) }
        : { command: COMMAND.sessionSetup, body: setup },
    );
    for (let k = 0; k < 4; k++) message[64 + next(message.length - 64)] = next(256);
    client.raw(message);
    await client.answer().catch(() => assert.ok(client.closed));
    client.destroy();
  }
  assert.equal((await other.request(echo)).header.status, 0);
});
