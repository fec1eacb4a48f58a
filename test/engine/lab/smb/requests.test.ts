import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { CLOSE } from '../../../../src/engine/net/smb/codec/files/close.ts';
import { LOCK, LOCK_FLAG } from '../../../../src/engine/net/smb/codec/files/lock.ts';
import { READ } from '../../../../src/engine/net/smb/codec/files/read.ts';
import { COMMAND, FLAG } from '../../../../src/engine/net/smb/codec/protocol/constants.ts';
import { encodeEmpty } from '../../../../src/engine/net/smb/codec/protocol/empty-body.ts';
import { NO_FILE, type FileId } from '../../../../src/engine/net/smb/codec/protocol/file-id.ts';
import { CHANGE_NOTIFY } from '../../../../src/engine/net/smb/codec/queries/change-notify.ts';
import { decodeEntries } from '../../../../src/engine/net/smb/codec/queries/directory-entries.ts';
import { QUERY_DIRECTORY } from '../../../../src/engine/net/smb/codec/queries/query-directory.ts';
import { QUERY_INFO } from '../../../../src/engine/net/smb/codec/queries/query-info.ts';
import { STATUS } from '../../../../src/engine/net/smb/status/nt-status.ts';
import {
  connected,
  createRequest,
  open,
  type HandMadeClient,
  type Sent,
} from '../../../support/smb/hand-made-client.ts';
import { servedFiles, type ServedFiles } from '../../../support/smb/served-files.ts';

async function scene(t: TestContext): Promise<{ files: ServedFiles; client: HandMadeClient }> {
  const files = await servedFiles(t);
  writeFileSync(join(files.root, 'VMs', 'disk.vhdx'), 'contents of the disk');
  mkdirSync(join(files.root, 'VMs', 'folder'));
  return { files, client: await connected(t, files) };
}

const close = (fileId: FileId): Sent => ({
  command: COMMAND.close,
  body: CLOSE.encodeRequest({ flags: 0, fileId }),
});

const read = (fileId: FileId): Sent => ({
  command: COMMAND.read,
  body: READ.encodeRequest({ flags: 0, length: 8, offset: 0n, fileId, minimum: 0 }),
});

const info = (fileId: FileId, infoClass: number, maxOutput: number, infoType = 1): Sent => ({
  command: COMMAND.queryInfo,
  body: QUERY_INFO.encodeRequest({
    infoType,
    infoClass,
    maxOutput,
    additional: 7,
    flags: 0,
    fileId,
    input: Buffer.alloc(0),
  }),
});

const list = (
  fileId: FileId,
  pattern: string,
  maxOutput: number,
  flags = 0,
  infoClass = 37,
): Sent => ({
  command: COMMAND.queryDirectory,
  body: QUERY_DIRECTORY.encodeRequest({ infoClass, flags, index: 0, fileId, pattern, maxOutput }),
});

const lock = (fileId: FileId, offset: bigint, length: bigint, flags: number): Sent => ({
  command: COMMAND.lock,
  body: LOCK.encodeRequest({ sequence: 0, fileId, locks: [{ offset, length, flags }] }),
});

const notify = (fileId: FileId): Sent => ({
  command: COMMAND.changeNotify,
  body: CHANGE_NOTIFY.encodeRequest({ flags: 0, maxOutput: 4096, fileId, filter: 0xfff }),
});

const related = (request: Sent): Sent => ({ ...request, header: { flags: FLAG.related } });

async function statuses(client: HandMadeClient, count: number): Promise<number[]> {
  const found: number[] = [];
  for (let n = 0; n < count; n++) found.push((await client.answer()).header.status);
  return found;
}

test('related requests of a compound inherit the handle; a failed open fails them', async (t) => {
  const { client } = await scene(t);
  const chain = (name: string): Sent[] => [
    createRequest(name),
    related(read(NO_FILE)),
    related(info(NO_FILE, 5, 24)),
    related(close(NO_FILE)),
  ];
  client.send(...chain('disk.vhdx'));
  assert.deepEqual(await statuses(client, 4), [0, 0, 0, 0]);
  client.send(...chain('missing'));
  assert.deepEqual(await statuses(client, 4), Array(4).fill(STATUS.objectNameNotFound));
  const { fileId } = await open(client, 'disk.vhdx');
  client.send(read(fileId), info(fileId, 99, 24), read(fileId));
  assert.deepEqual(await statuses(client, 3), [0, STATUS.invalidInfoClass, 0]);
  client.send(related(read(NO_FILE)));
  assert.deepEqual(await statuses(client, 1), [STATUS.invalidParameter]);
  client.protect = 'encrypted';
  client.send(...chain('disk.vhdx'));
  assert.deepEqual(await statuses(client, 4), [0, 0, 0, 0]);
});

test('a short buffer is refused or filled, as the information allows', async (t) => {
  const { client } = await scene(t);
  const access = 0x12_0089;
  const { fileId } = await open(client, 'disk.vhdx', { access });
  const status = async (request: Sent): Promise<number> =>
    (await client.request(request)).header.status;
  assert.equal(await status(info(fileId, 5, 23)), STATUS.infoLengthMismatch);
  assert.equal(await status(info(fileId, 4, 40)), 0);
  assert.equal(await status(info(fileId, 18, 100)), STATUS.bufferOverflow);
  assert.equal(await status(info(fileId, 18, 4096)), 0);
  assert.equal(await status(info(fileId, 21, 4096)), STATUS.objectNameNotFound);
  assert.equal(await status(info(fileId, 77, 4096)), STATUS.invalidInfoClass);
  assert.equal(await status(info(fileId, 5, 10, 2)), STATUS.infoLengthMismatch);
  assert.equal(await status(info(fileId, 5, 14, 2)), STATUS.bufferOverflow);
  assert.equal(await status(info(fileId, 0, 10, 3)), STATUS.bufferTooSmall);
  assert.equal(await status(info(fileId, 0, 200, 3)), 0);
  assert.equal(await status(info(fileId, 0, 200, 4)), STATUS.notSupported);
});

test('a folder is listed in pieces, by pattern, once more after a restart', async (t) => {
  const { files, client } = await scene(t);
  for (let n = 0; n < 30; n++)
    writeFileSync(join(files.root, 'VMs', 'folder', `file${n}.vhdx`), '');
  writeFileSync(join(files.root, 'VMs', 'folder', 'Other.TXT'), '12345');
  const { fileId } = await open(client, 'folder');
  const names: string[] = [];
  for (;;) {
    const { header, bytes } = await client.request(list(fileId, '*', 1024));
    if (header.status === STATUS.noMoreFiles) break;
    assert.equal(header.status, 0);
    const entries = decodeEntries(QUERY_DIRECTORY.decodeResponse(bytes).output);
    assert.ok(entries.length < 10, `${entries.length} entries`);
    names.push(...entries.map(({ name }) => name));
  }
  assert.equal(names.length, 33);
  assert.equal(new Set(names).size, 33);
  const again = await client.request(list(fileId, 'other.*', 1024, 1));
  const [other] = decodeEntries(QUERY_DIRECTORY.decodeResponse(again.bytes).output);
  assert.equal(other?.name, 'Other.TXT');
  assert.equal(other.facts.endOfFile, 5);
  const status = async (request: Sent): Promise<number> =>
    (await client.request(request)).header.status;
  assert.equal(await status(list(fileId, 'nothing*', 1024, 1)), STATUS.noSuchFile);
  assert.equal(await status(list(fileId, '*', 100, 1)), STATUS.infoLengthMismatch);
  assert.equal(await status(list(fileId, 'Other.TXT', 110, 1)), STATUS.bufferOverflow);
  assert.equal(await status(list(fileId, '*', 1024, 1, 99)), STATUS.invalidInfoClass);
  for (const infoClass of [1, 2, 3, 12, 38]) {
    assert.equal(await status(list(fileId, '*', 1024, 1, infoClass)), 0, `class ${infoClass}`);
  }
});

test('locks exclude other opens, wait, and end with a cancel or an unlock', async (t) => {
  const { client } = await scene(t);
  const access = 3;
  const [a, b] = [
    await open(client, 'disk.vhdx', { access }),
    await open(client, 'disk.vhdx', { access }),
  ];
  const { exclusive, failImmediately, shared, unlock } = LOCK_FLAG;
  const status = async (request: Sent): Promise<number> =>
    (await client.request(request)).header.status;
  assert.equal(await status(lock(a.fileId, 0n, 4n, exclusive | failImmediately)), 0);
  const now = shared | failImmediately;
  assert.equal(await status(lock(b.fileId, 2n, 4n, now)), STATUS.lockNotGranted);
  assert.equal(await status(read(b.fileId)), STATUS.fileLockConflict);
  assert.equal(await status(read(a.fileId)), 0);
  assert.equal(await status(lock(a.fileId, 0n, 3n, unlock)), STATUS.rangeNotLocked);
  assert.equal(await status(lock(b.fileId, 9n, 1n, 3)), STATUS.invalidParameter);
  client.send(lock(b.fileId, 0n, 4n, exclusive));
  const interim = await client.answer();
  assert.equal(interim.header.status, STATUS.pending);
  assert.equal(interim.header.flags & FLAG.signed, 0, 'an interim answer is not signed');
  assert.equal(await status(lock(a.fileId, 0n, 4n, unlock)), 0);
  const granted = await client.answer();
  assert.equal(granted.header.status, 0);
  assert.equal(granted.header.asyncId, interim.header.asyncId);
  client.send(lock(a.fileId, 0n, 4n, exclusive));
  const { header } = await client.answer();
  cancel(client, header);
  assert.deepEqual(await statuses(client, 1), [STATUS.cancelled]);
});

function cancel(
  client: HandMadeClient,
  header: { messageId: bigint; asyncId?: bigint | undefined },
): void {
  client.send({
    command: COMMAND.cancel,
    body: encodeEmpty(),
    header: { flags: FLAG.async, messageId: header.messageId, asyncId: header.asyncId },
  });
}

test('a folder tells of changes, until it is closed or the request is cancelled', async (t) => {
  const { files, client } = await scene(t);
  const folder = join(files.root, 'VMs', 'folder');
  const { fileId } = await open(client, 'folder');
  client.send(notify(fileId));
  assert.deepEqual(await statuses(client, 1), [STATUS.pending]);
  writeFileSync(join(folder, 'added.vhdx'), 'x');
  const { header, bytes } = await client.answer();
  assert.equal(header.status, 0);
  const { output } = CHANGE_NOTIFY.decodeResponse(bytes);
  assert.equal(output.readUInt32LE(4), 1);
  assert.match(output.toString('utf16le', 12), /added\.vhdx/);
  const second = await open(client, 'FOLDER');
  client.send(notify(second.fileId));
  const pending = await client.answer();
  cancel(client, pending.header);
  assert.deepEqual(await statuses(client, 1), [STATUS.cancelled]);
  client.send(notify(second.fileId));
  assert.deepEqual(await statuses(client, 1), [STATUS.pending]);
  client.send(close(second.fileId));
  const ends = await statuses(client, 2);
  assert.deepEqual(new Set(ends), new Set([0, 0x10b]));
});
