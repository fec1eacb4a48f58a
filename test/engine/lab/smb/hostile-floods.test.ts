import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { CLOSE } from '../../../../src/engine/net/smb/codec/files/close.ts';
import { IOCTL } from '../../../../src/engine/net/smb/codec/files/ioctl.ts';
import { utf16, written } from '../../../../src/engine/net/smb/codec/protocol/body.ts';
import { ACCESS, COMMAND, FLAG } from '../../../../src/engine/net/smb/codec/protocol/constants.ts';
import { encodeEmpty } from '../../../../src/engine/net/smb/codec/protocol/empty-body.ts';
import type { FileId } from '../../../../src/engine/net/smb/codec/protocol/file-id.ts';
import { SET_INFO } from '../../../../src/engine/net/smb/codec/queries/set-info.ts';
import { SESSION_SETUP } from '../../../../src/engine/net/smb/codec/session/session-setup.ts';
import { STATUS } from '../../../../src/engine/net/smb/status/nt-status.ts';
import { afterwards } from '../../../support/checks/afterwards.ts';
import {
  connected,
  createRequest,
  HandMadeClient,
  negotiated,
  open,
  type Sent,
} from '../../../support/smb/hand-made-client.ts';
import { servedFiles, type ServedFiles } from '../../../support/smb/served-files.ts';

const echo: Sent = { command: COMMAND.echo, body: encodeEmpty() };

async function scene(t: TestContext): Promise<{ files: ServedFiles; other: HandMadeClient }> {
  const files = await servedFiles(t);
  writeFileSync(join(files.root, 'VMs', 'disk.vhdx'), 'contents of the disk');
  return { files, other: await connected(t, files) };
}

/** NTLM's first token in SPNEGO: the server answers with a challenge and keeps a session for it. */
const FIRST_TOKEN = Buffer.from(
  '604006062b0601050502a0363034a00e300c060a2b06010401823702020aa22204204e544c4d5353500001000000158208620000000000000000000000000000000000',
  'hex',
).subarray(0, 66);

test('a flood of logins that nobody completes is refused, others go on', async (t) => {
  const { files, other } = await scene(t);
  const client = await HandMadeClient.connect(t, files.port);
  await negotiated(client);
  const body = SESSION_SETUP.encodeRequest({
    flags: 0,
    securityMode: 1,
    capabilities: 0,
    previousSessionId: 0n,
    token: FIRST_TOKEN,
  });
  let [begun, status] = [0, 0];
  do {
    client.sessionId = 0n;
    const { header } = await client.request({ command: COMMAND.sessionSetup, body });
    ({ status } = header);
    begun++;
  } while (status === STATUS.moreProcessingRequired && begun < 200);
  assert.equal(status, STATUS.insufficientServerResources);
  assert.ok(begun > 10 && begun < 100, `${begun} logins`);
  assert.equal((await other.request(echo)).header.status, 0);
});

test('a flood of connections keeps neither those that exist out nor, once it is over, new ones', async (t) => {
  const { files, other } = await scene(t);
  const sockets = Array.from({ length: 200 }, () => net.connect(files.port, '127.0.0.1'));
  afterwards(t, () => sockets.forEach((each) => each.destroy()));
  for (const each of sockets) each.on('error', () => undefined);
  await Promise.all(sockets.map((each) => once(each, 'connect')));
  assert.equal((await other.request(echo)).header.status, 0);
  const closed = sockets.map((each) => once(each, 'close'));
  for (const each of sockets) each.destroy();
  await Promise.all(closed);
  const late = await connected(t, files);
  assert.equal((await open(late, 'disk.vhdx')).status, 0);
});

test('a flood of opens is refused, others go on, and all are closed with their session', async (t) => {
  const { files, other } = await scene(t);
  const client = await connected(t, files);
  await client.request({ ...echo, header: { credits: 8000 } });
  const many = Array.from({ length: 100 }, () => createRequest('disk.vhdx', { shareAccess: 1 }));
  let [opened, status] = [0, 0];
  while (status === 0 && opened < 4000) {
    client.send(...many);
    for (let n = 0; n < many.length; n++) {
      ({ status } = (await client.answer()).header);
      if (status !== 0) break;
      opened++;
    }
  }
  assert.equal(status, STATUS.insufficientResources);
  assert.equal(opened, 1024);
  const writes = { access: ACCESS.writeData };
  assert.equal((await open(other, 'disk.vhdx', writes)).status, STATUS.sharingViolation);
  client.destroy();
  const limit = Date.now() + 5000;
  do ({ status } = await open(other, 'disk.vhdx', writes));
  while (status === STATUS.sharingViolation && Date.now() < limit);
  assert.equal(status, 0);
});

test('opens that one session queues do not keep another one waiting', async (t) => {
  const { files, other } = await scene(t);
  const client = await connected(t, files);
  await client.request({ ...echo, header: { credits: 8000 } });
  // Each looks for a name in vain, so none is refused for their number.
  for (let n = 0; n < 1000; n++) client.send(createRequest('missing'));
  let answered = 0;
  const flood = (async () => {
    for (; answered < 1000; answered++) await client.answer();
  })();
  // By now the server has read them all.
  await wait(150);
  assert.equal((await open(other, 'disk.vhdx')).status, 0);
  assert.ok(answered < 900, `${answered} others were served first`);
  await flood;
});

test('an open that is on its way when its session ends is closed', async (t) => {
  const { files, other } = await scene(t);
  for (const command of [COMMAND.logoff, COMMAND.treeDisconnect]) {
    const client = await connected(t, files);
    await client.request({ ...echo, header: { credits: 500 } });
    const opens = 40;
    for (let n = 0; n < opens; n++) client.send(createRequest('disk.vhdx', { shareAccess: 1 }));
    client.send({ command, body: encodeEmpty() });
    const answers: number[] = [];
    for (let n = 0; n <= opens; n++) {
      const { header } = await client.answer();
      if (header.command === COMMAND.create) answers.push(header.status);
    }
    assert.ok(answers.includes(STATUS.networkNameDeleted), 'some were late');
    const { status, fileId } = await open(other, 'disk.vhdx', { access: ACCESS.writeData });
    assert.equal(status, 0, 'nobody has it open any more');
    await other.request(closing(fileId));
  }
});

test('neither renames, links nor reparse points lead out of the share', async (t) => {
  const { files } = await scene(t);
  const client = await connected(t, files);
  const outside = join(files.root, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'secret'), 'not shared');
  symlinkSync(outside, join(files.root, 'VMs', 'out'));
  const all = { access: 0x1f_01ff, disposition: 3 };
  const { fileId } = await open(client, 'disk.vhdx', all);
  const named = (infoClass: number, name: string): Sent => ({
    command: COMMAND.setInfo,
    body: SET_INFO.encodeRequest({
      infoType: 1,
      infoClass,
      additional: 0,
      fileId,
      input: written(20 + 2 * name.length, (to) =>
        to
          .u64(0x01)
          .u64(0)
          .u32(2 * name.length)
          .put(utf16(name)),
      ),
    }),
  });
  const names = ['..\\outside\\moved', 'out\\moved', '\\..\\outside\\moved', 'C:\\moved', 'out'];
  for (const name of [...names, '\\\\127.0.0.1\\C$\\moved', '\\??\\C:\\moved', 'disk.vhdx:other']) {
    for (const infoClass of [10, 11]) {
      const { header } = await client.request(named(infoClass, name));
      assert.ok(
        header.status >>> 30 === 3 || header.status === STATUS.stoppedOnSymlink,
        `class ${infoClass}, ${name}: ${header.status.toString(16)}`,
      );
    }
  }
  for (const code of [0x0009_00a4, 0x0009_00a0, 0x0014_40f2, 0x0009_8344]) {
    const { header } = await client.request(control(code, fileId));
    assert.equal(header.status >>> 30, 3, `control ${code.toString(16)}`);
  }
  assert.deepEqual(readdirSync(outside), ['secret']);
  assert.equal(readFileSync(join(outside, 'secret'), 'utf8'), 'not shared');
  assert.deepEqual(readdirSync(join(files.root, 'VMs')).sort(), ['disk.vhdx', 'out']);
  assert.equal((client.closed ? 0 : (await client.request(echo)).header.flags) & FLAG.response, 1);
});

function control(code: number, fileId: FileId): Sent {
  const input = Buffer.alloc(64, 3);
  const body = IOCTL.encodeRequest({
    code,
    fileId,
    input,
    maxInputResponse: 0,
    maxOutputResponse: 64,
    flags: 1,
  });
  return { command: COMMAND.ioctl, body };
}

const closing = (fileId: FileId): Sent => ({
  command: COMMAND.close,
  body: CLOSE.encodeRequest({ flags: 0, fileId }),
});
