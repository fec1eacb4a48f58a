import assert from 'node:assert/strict';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { CLOSE } from '../../../../src/engine/net/smb/codec/files/close.ts';
import {
  CREATE_CONTEXT,
  createContexts,
  findCreateContext,
  readCreateContext,
} from '../../../../src/engine/net/smb/codec/files/create-context-kinds.ts';
import { CREATE, type CreateRequest } from '../../../../src/engine/net/smb/codec/files/create.ts';
import { READ } from '../../../../src/engine/net/smb/codec/files/read.ts';
import { WRITE } from '../../../../src/engine/net/smb/codec/files/write.ts';
import {
  ACCESS,
  ATTRIBUTE,
  COMMAND,
} from '../../../../src/engine/net/smb/codec/protocol/constants.ts';
import type { FileId } from '../../../../src/engine/net/smb/codec/protocol/file-id.ts';
import { describeStatus, STATUS } from '../../../../src/engine/net/smb/status/nt-status.ts';
import {
  connected,
  createRequest,
  open,
  type HandMadeClient,
  type Sent,
} from '../../../support/smb/hand-made-client.ts';
import { servedFiles, type ServedFiles } from '../../../support/smb/served-files.ts';

const R = ACCESS.readData | ACCESS.readAttributes;
const W = ACCESS.writeData;
const D = ACCESS.delete;

async function scene(t: TestContext): Promise<{ files: ServedFiles; client: HandMadeClient }> {
  const files = await servedFiles(t);
  writeFileSync(join(files.root, 'VMs', 'Disk.vhdx'), 'contents of the disk');
  mkdirSync(join(files.root, 'VMs', 'Folder'));
  return { files, client: await connected(t, files) };
}

const close = (fileId: FileId): Sent => ({
  command: COMMAND.close,
  body: CLOSE.encodeRequest({ flags: 0, fileId }),
});

const read = (fileId: FileId, offset = 0n, length = 10): Sent => ({
  command: COMMAND.read,
  body: READ.encodeRequest({ flags: 0, length, offset, fileId, minimum: 0 }),
});

const write = (fileId: FileId, data: string): Sent => ({
  command: COMMAND.write,
  body: WRITE.encodeRequest({ offset: 0n, fileId, flags: 0, data: Buffer.from(data) }),
});

/** Asserts which status opens answer; a name stands for the request. */
async function assertOpens(
  client: HandMadeClient,
  table: readonly (readonly [name: string, status: number, more?: Partial<CreateRequest>])[],
): Promise<void> {
  for (const [name, status, more] of table) {
    const found = await open(client, name, more);
    const text = `${JSON.stringify(name)}: ${describeStatus(found.status)}`;
    assert.equal(found.status, status, text);
    if (found.status === 0) await client.request(close(found.fileId));
  }
}

test('names are looked up without case, and names that Windows refuses are refused', async (t) => {
  const { files, client } = await scene(t);
  writeFileSync(join(files.root, 'secret'), 'outside of the share');
  const { objectNameInvalid, objectNameNotFound, objectPathNotFound } = STATUS;
  const writes = { access: W, disposition: 3 };
  await assertOpens(client, [
    ['', 0],
    ['DISK.VHDX', 0],
    ['disk.vhdx::$DATA', 0],
    ['folder', 0],
    ['\\Disk.vhdx', STATUS.invalidParameter],
    ['..\\secret', 0xc000_003b],
    ['Folder\\..\\..\\secret', 0xc000_003b],
    ['..', 0xc000_003b],
    ['../secret', objectNameInvalid],
    ['Folder\\.\\x', objectNameInvalid],
    ['Folder\\\\x', objectNameInvalid],
    ['Disk.vhdx:stream', objectNameNotFound],
    ['Disk.vhdx:stream', objectNameInvalid, writes],
    ['new:stream:$DATA', objectNameInvalid, writes],
    ['Fol:der\\x', objectNameInvalid],
    ['NUL', objectNameInvalid, writes],
    ['Folder\\com1.txt', objectNameInvalid, writes],
    ['aux', objectNameInvalid],
    ['DISK~1.VHD', objectNameNotFound],
    ['name.', objectNameInvalid, writes],
    ['name ', objectNameInvalid, writes],
    ['a*b', objectNameInvalid, writes],
    ['a\0b', objectNameInvalid, writes],
    ['x'.repeat(256), objectNameInvalid, writes],
    ['missing', objectNameNotFound],
    ['missing\\below', objectPathNotFound],
    ['Disk.vhdx\\below', objectPathNotFound],
  ]);
  assert.equal(existsSync(join(files.root, 'VMs', 'new')), false);
});

test('symbolic links are neither followed nor removed with what they name', async (t) => {
  const { files, client } = await scene(t);
  const outside = join(files.root, '..', '..');
  symlinkSync(outside, join(files.root, 'VMs', 'out'));
  symlinkSync(join(files.root, 'VMs', 'Disk.vhdx'), join(files.root, 'VMs', 'link'));
  const all = { access: D | R, disposition: 3 };
  await assertOpens(client, [
    ['link', STATUS.stoppedOnSymlink],
    ['link', STATUS.stoppedOnSymlink, { ...all, options: 0x1000 }],
    ['link', STATUS.stoppedOnSymlink, { access: W, disposition: 5 }],
    ['out', STATUS.stoppedOnSymlink],
    ['out\\passwd', STATUS.stoppedOnSymlink],
    ['out\\made', STATUS.stoppedOnSymlink, { access: W, disposition: 2 }],
  ]);
  assert.equal(readFileSync(join(files.root, 'VMs', 'Disk.vhdx'), 'utf8'), 'contents of the disk');
  assert.equal(existsSync(join(outside, 'made')), false);
});

test('a client that asks for a link itself sees and removes it, and never reaches what it names', async (t) => {
  const { files, client } = await scene(t);
  const inside = (name: string): string => join(files.root, 'VMs', name);
  symlinkSync(inside('Disk.vhdx'), inside('link'));
  symlinkSync(inside('Folder'), inside('to-folder'));
  const itself = 0x20_0000;
  const removes = { access: D | ACCESS.readAttributes, options: itself | 0x1000 };
  await assertOpens(client, [
    ['link', STATUS.accessDenied, { access: R, options: itself }],
    ['link', STATUS.accessDenied, { access: W, options: itself }],
    ['link', STATUS.accessDenied, { access: ACCESS.writeAttributes, options: itself }],
    ['link', STATUS.accessDenied, { access: D, options: itself, disposition: 5 }],
    ['link', STATUS.notADirectory, { access: D, options: itself | 1 }],
    ['to-folder\\below', STATUS.stoppedOnSymlink, { options: itself }],
  ]);
  const looks = { access: ACCESS.readAttributes, options: itself };
  const { facts, fileId } = CREATE.decodeResponse(
    (await client.request(createRequest('link', looks))).bytes,
  );
  assert.notEqual(facts.attributes & ATTRIBUTE.reparsePoint, 0);
  await client.request(close(fileId));
  for (const name of ['link', 'to-folder']) {
    const opened = await open(client, name, removes);
    assert.equal(opened.status, 0, name);
    await client.request(close(opened.fileId));
    assert.throws(() => lstatSync(inside(name)), { code: 'ENOENT' });
  }
  assert.equal(readFileSync(inside('Disk.vhdx'), 'utf8'), 'contents of the disk');
  assert.ok(existsSync(inside('Folder')));
});

test('dispositions and options decide as on Windows', async (t) => {
  const { client } = await scene(t);
  const [supersede, openOld, create, openIf, overwrite, overwriteIf] = [0, 1, 2, 3, 4, 5];
  await assertOpens(client, [
    ['disk.vhdx', STATUS.objectNameCollision, { disposition: create }],
    ['folder', STATUS.fileIsADirectory, { options: 0x40 }],
    ['disk.vhdx', STATUS.notADirectory, { options: 1 }],
    ['folder', STATUS.fileIsADirectory, { disposition: overwrite }],
    ['folder', STATUS.invalidParameter, { disposition: supersede, options: 1 }],
    ['disk.vhdx', STATUS.invalidParameter, { options: 0x41 }],
    ['disk.vhdx', STATUS.invalidParameter, { disposition: 6 }],
    ['disk.vhdx', STATUS.invalidParameter, { shareAccess: 8 }],
    ['disk.vhdx', 0xc000_00a5, { impersonation: 4 }],
    ['disk.vhdx', STATUS.accessDenied, { access: 0 }],
    ['disk.vhdx', STATUS.accessDenied, { options: 0x1000 }],
    ['new', STATUS.accessDenied, { disposition: 2, options: 0x1000 }],
    ['', STATUS.accessDenied, { access: D, options: 0x1000 }],
    ['disk.vhdx', STATUS.accessDenied, { access: 0x0080_0000 }],
    ['fresh', STATUS.objectNameNotFound, { disposition: openOld }],
    ['fresh', STATUS.objectNameNotFound, { disposition: overwrite }],
    ['fresh', 0, { disposition: openIf, access: W }],
    ['fresh', 0, { disposition: overwriteIf, access: W }],
    ['made', 0, { disposition: create, options: 1 }],
    ['made', STATUS.objectNameCollision, { disposition: create, options: 1 }],
  ]);
});

test('share modes: each pair of opens passes or fails as on Windows', async (t) => {
  const { client } = await scene(t);
  /** Access and sharing of a first and a second open, and whether the second one passes. */
  const table: readonly (readonly [number, number, number, number, boolean])[] = [
    [R, 7, W, 7, true],
    [R, 1, W, 7, false],
    [W, 7, R, 1, false],
    [W, 7, R, 3, true],
    [R, 0, R, 7, false],
    [R, 7, R, 0, false],
    [R, 1, R, 1, true],
    [R, 3, D, 7, false],
    [R, 7, D, 7, true],
    [D, 7, R, 3, false],
    [R, 0, ACCESS.readAttributes, 0, true],
    [ACCESS.readAttributes | ACCESS.synchronize, 0, W, 0, true],
    [R, 1, ACCESS.genericWrite, 7, false],
    [R, 1, ACCESS.execute, 1, true],
  ];
  for (const [access, shareAccess, second, secondShare, passes] of table) {
    const first = await open(client, 'disk.vhdx', { access, shareAccess });
    const more = { access: second, shareAccess: secondShare };
    const { status, fileId } = await open(client, 'DISK.vhdx', more);
    const text = `${access.toString(16)}/${shareAccess} then ${second.toString(16)}/${secondShare}`;
    assert.equal(status, passes ? 0 : STATUS.sharingViolation, text);
    if (status === 0) await client.request(close(fileId));
    await client.request(close(first.fileId));
  }
});

test('an open may do what it was granted, no more', async (t) => {
  const { files, client } = await scene(t);
  const status = async (request: Sent): Promise<number> =>
    (await client.request(request)).header.status;
  const reads = await open(client, 'disk.vhdx');
  assert.equal(await status(write(reads.fileId, 'x')), STATUS.accessDenied);
  const attributes = await open(client, 'disk.vhdx', { access: ACCESS.readAttributes });
  assert.equal(await status(read(attributes.fileId)), STATUS.accessDenied);
  const writes = await open(client, 'disk.vhdx', { access: W });
  assert.equal(await status(read(writes.fileId)), STATUS.accessDenied);
  assert.equal(await status(write(writes.fileId, 'CONTENTS')), 0);
  assert.equal(readFileSync(join(files.root, 'VMs', 'Disk.vhdx'), 'utf8'), 'CONTENTS of the disk');
  const folder = await open(client, 'folder');
  assert.equal(await status(read(folder.fileId)), STATUS.invalidDeviceRequest);
  assert.equal(await status(read(reads.fileId, 20n)), STATUS.endOfFile);
  assert.equal(await status(read(reads.fileId, 1n << 62n)), STATUS.invalidParameter);
  const sectors = await open(client, 'disk.vhdx', { options: 8 });
  assert.equal(await status(read(sectors.fileId, 1n)), STATUS.invalidParameter);
  assert.equal(await status(read(sectors.fileId, 0n, 512)), 0);
  assert.equal(await status(close(reads.fileId)), 0);
  assert.equal(await status(close(reads.fileId)), STATUS.fileClosed);
  assert.equal(await status(read(reads.fileId)), STATUS.fileClosed);
});

test('the maximal access and the identity of a file are told to who asks', async (t) => {
  const { files, client } = await scene(t);
  files.lab.state.smb?.shares.push({
    name: 'Readable',
    hostPath: 'C:\\Lab\\VMs',
    encrypt: false,
    scaleOut: false,
    continuous: false,
    readOnly: true,
  });
  const contexts = [createContexts.maximalAccess(), createContexts.diskId()];
  const asked = createRequest('disk.vhdx', { access: ACCESS.readAttributes, contexts });
  const answer = CREATE.decodeResponse((await client.request(asked)).bytes);
  const most = findCreateContext(answer.contexts, CREATE_CONTEXT.maximalAccess);
  assert.ok(most);
  assert.deepEqual(readCreateContext.maximalAccess(most), { status: 0, access: 0x1f_01ff });
  const id = findCreateContext(answer.contexts, CREATE_CONTEXT.diskId);
  assert.match(readCreateContext.diskId(id ?? Buffer.alloc(0)), /^[0-9a-f]{32}$/);
  const reader = await connected(t, files, 'readable');
  const readable = CREATE.decodeResponse((await reader.request(asked)).bytes);
  const less = findCreateContext(readable.contexts, CREATE_CONTEXT.maximalAccess);
  assert.ok(less);
  assert.equal(readCreateContext.maximalAccess(less).access, 0x12_00a9);
  assert.equal((await open(reader, 'disk.vhdx', { access: W })).status, STATUS.accessDenied);
  assert.equal((await open(reader, 'x', { disposition: 2 })).status, STATUS.accessDenied);
  assert.equal((await open(reader, 'disk.vhdx')).status, 0);
});

test('a file that is marked for removal stays until its last open, and cannot be opened', async (t) => {
  const { files, client } = await scene(t);
  const local = join(files.root, 'VMs', 'Disk.vhdx');
  const first = await open(client, 'disk.vhdx');
  const removes = await open(client, 'disk.vhdx', { access: D, options: 0x1000 });
  await client.request(close(removes.fileId));
  assert.equal((await open(client, 'disk.vhdx')).status, STATUS.deletePending);
  assert.ok(existsSync(local));
  const { bytes } = await client.request(read(first.fileId, 0n, 8));
  assert.equal(READ.decodeResponse(bytes).data.toString(), 'contents');
  await client.request(close(first.fileId));
  assert.equal(existsSync(local), false);
  assert.equal((await open(client, 'disk.vhdx')).status, STATUS.objectNameNotFound);
});
