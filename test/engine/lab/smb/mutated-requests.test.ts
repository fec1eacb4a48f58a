import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FSCTL, IOCTL, IS_FSCTL } from '../../../../src/engine/net/smb/codec/files/ioctl.ts';
import { CLOSE } from '../../../../src/engine/net/smb/codec/files/close.ts';
import { LOCK, LOCK_FLAG } from '../../../../src/engine/net/smb/codec/files/lock.ts';
import { READ } from '../../../../src/engine/net/smb/codec/files/read.ts';
import { WRITE } from '../../../../src/engine/net/smb/codec/files/write.ts';
import { createContexts } from '../../../../src/engine/net/smb/codec/files/create-context-kinds.ts';
import { COMMAND, FLAG } from '../../../../src/engine/net/smb/codec/protocol/constants.ts';
import { encodeEmpty } from '../../../../src/engine/net/smb/codec/protocol/empty-body.ts';
import type { FileId } from '../../../../src/engine/net/smb/codec/protocol/file-id.ts';
import { CHANGE_NOTIFY } from '../../../../src/engine/net/smb/codec/queries/change-notify.ts';
import { QUERY_DIRECTORY } from '../../../../src/engine/net/smb/codec/queries/query-directory.ts';
import { QUERY_INFO } from '../../../../src/engine/net/smb/codec/queries/query-info.ts';
import { SET_INFO } from '../../../../src/engine/net/smb/codec/queries/set-info.ts';
import { STATUS } from '../../../../src/engine/net/smb/status/nt-status.ts';
import {
  connected,
  createRequest,
  open,
  type HandMadeClient,
  type Sent,
} from '../../../support/smb/hand-made-client.ts';
import { mutate, random } from '../../../support/smb/mutate.ts';
import { servedFiles } from '../../../support/smb/served-files.ts';

/** Mutated messages; long runs set more. */
const ROUNDS = Number(process.env['REFPOINT_SMB_MUTATIONS'] ?? 600);
const SEED = Number(process.env['REFPOINT_SMB_SEED'] ?? 1);
/** Processor time that nothing may exceed, in milliseconds: the machine may be busy. */
const SLOWEST = 1000;
/** Bytes of a message before its body. */
const HEADER = 64;
const CONTENTS = 'contents of the disk';

/** One request of each command that works on a share. */
function samples(disk: FileId, folder: FileId): readonly Sent[] {
  const all = { infoType: 1, infoClass: 18, maxOutput: 4096, additional: 0, flags: 0 };
  const contexts = [createContexts.maximalAccess(), createContexts.diskId()];
  const lock = { offset: 0n, length: 5n, flags: LOCK_FLAG.shared | LOCK_FLAG.failImmediately };
  return [
    createRequest('disk.vhdx', { contexts }),
    createRequest('', { options: 1 }),
    { command: COMMAND.close, body: CLOSE.encodeRequest({ flags: 1, fileId: disk }) },
    {
      command: COMMAND.read,
      body: READ.encodeRequest({ flags: 0, length: 20, offset: 0n, fileId: disk, minimum: 0 }),
    },
    {
      command: COMMAND.write,
      body: WRITE.encodeRequest({ flags: 0, offset: 0n, fileId: disk, data: Buffer.from('x') }),
    },
    {
      command: COMMAND.lock,
      body: LOCK.encodeRequest({ sequence: 0, fileId: disk, locks: [lock, lock] }),
    },
    {
      command: COMMAND.ioctl,
      body: IOCTL.encodeRequest({
        code: FSCTL.queryAllocatedRanges,
        fileId: disk,
        input: Buffer.alloc(16, 1),
        maxInputResponse: 0,
        maxOutputResponse: 1024,
        flags: IS_FSCTL,
      }),
    },
    {
      command: COMMAND.queryDirectory,
      body: QUERY_DIRECTORY.encodeRequest({
        infoClass: 37,
        flags: 1,
        index: 0,
        fileId: folder,
        pattern: '*',
        maxOutput: 4096,
      }),
    },
    {
      command: COMMAND.changeNotify,
      body: CHANGE_NOTIFY.encodeRequest({
        flags: 0,
        maxOutput: 4096,
        fileId: folder,
        filter: 0xfff,
      }),
    },
    {
      command: COMMAND.queryInfo,
      body: QUERY_INFO.encodeRequest({ ...all, fileId: disk, input: Buffer.alloc(0) }),
    },
    {
      command: COMMAND.setInfo,
      body: SET_INFO.encodeRequest({
        infoType: 1,
        infoClass: 20,
        additional: 0,
        fileId: disk,
        input: Buffer.alloc(8, 9),
      }),
    },
    { command: COMMAND.flush, body: CLOSE.encodeRequest({ flags: 0, fileId: disk }) },
    { command: COMMAND.echo, body: encodeEmpty() },
  ];
}

interface Line {
  readonly client: HandMadeClient;
  readonly requests: readonly Sent[];
}

test('mutated requests, signed or inside of valid encryption, neither stop the lab nor change a file', async (t) => {
  const files = await servedFiles(t);
  const shared = join(files.root, 'VMs');
  writeFileSync(join(shared, 'disk.vhdx'), CONTENTS);
  // A valid request may remove a file: here none is allowed to.
  files.lab.state.smb?.shares.push({
    name: 'Readable',
    hostPath: 'C:\\Lab\\VMs',
    encrypt: false,
    scaleOut: false,
    continuous: false,
    readOnly: true,
  });
  const next = random(SEED);
  const line = async (): Promise<Line> => {
    const client = await connected(t, files, 'Readable');
    const disk = (await open(client, 'disk.vhdx')).fileId;
    const folder = (await open(client, '', { options: 1 })).fileId;
    return { client, requests: samples(disk, folder) };
  };
  const other = await connected(t, files, 'Readable');
  const echo: Sent = { command: COMMAND.echo, body: encodeEmpty() };
  let { client, requests } = await line();
  let [ended, refused, slowest, most] = [0, 0, 0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    const sound = client.message(requests[next(requests.length)] as Sent);
    // A changed header mostly ends the connection before anybody looks at the body.
    const message = mutate(sound, next, next(4) === 0 ? undefined : HEADER);
    const isSigned = next(2) === 0 && message.length >= 64;
    if (isSigned) client.protection?.sign(message);
    const began = process.cpuUsage();
    client.raw(isSigned ? message : Buffer.concat(client.protection?.encrypt([message]) ?? []));
    const answer = await client.answer().catch(() => undefined);
    const { user, system } = process.cpuUsage(began);
    slowest = Math.max(slowest, (user + system) / 1000);
    const where = `seed ${SEED}, round ${round}`;
    if (answer === undefined) assert.ok(client.closed, `not answered: ${where}`);
    else assert.ok((answer.header.flags & FLAG.response) !== 0, where);
    if (answer !== undefined && answer.header.status !== 0) refused++;
    if (round % 128 === 0) {
      most = Math.max(most, process.memoryUsage().arrayBuffers);
      assert.equal((await other.request(echo)).header.status, 0, where);
    }
    if (!client.closed && round % 500 !== 499) continue;
    if (client.closed) ended++;
    client.destroy();
    ({ client, requests } = await line());
  }
  t.diagnostic(
    `${ROUNDS} changed requests, seed ${SEED}: ${refused} refused, ${ended} ended the connection, slowest ${Math.round(slowest)} ms, ${Math.round(most / 2 ** 20)} MiB of buffers`,
  );
  assert.ok(refused > ROUNDS / 10, `${refused} refused`);
  assert.ok(slowest < SLOWEST, `one took ${slowest} ms`);
  assert.ok(most < 64 * 2 ** 20, `${most} bytes of buffers`);
  const { status } = await open(other, 'disk.vhdx');
  assert.ok([0, STATUS.sharingViolation].includes(status), 'the server still answers');
  assert.deepEqual(readdirSync(shared), ['disk.vhdx']);
  assert.equal(readFileSync(join(shared, 'disk.vhdx'), 'utf8'), CONTENTS);
});
