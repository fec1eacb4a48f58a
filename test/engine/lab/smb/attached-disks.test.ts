import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { delay, never } from '../../../../src/engine/base/abort.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import type {
  LabOperations,
  OperationName,
} from '../../../../src/engine/lab/control/operations.ts';
import { perform } from '../../../../src/engine/lab/control/perform.ts';
import { isMerging } from '../../../../src/engine/lab/model/merges.ts';
import type { LabVm } from '../../../../src/engine/lab/state/state.ts';
import { CLOSE } from '../../../../src/engine/net/smb/codec/files/close.ts';
import { SET_INFO } from '../../../../src/engine/net/smb/codec/queries/set-info.ts';
import { utf16, written } from '../../../../src/engine/net/smb/codec/protocol/body.ts';
import { CREATE } from '../../../../src/engine/net/smb/codec/files/create.ts';
import {
  ACCESS,
  COMMAND,
  SHARE_ACCESS,
} from '../../../../src/engine/net/smb/codec/protocol/constants.ts';
import type { FileId } from '../../../../src/engine/net/smb/codec/protocol/file-id.ts';
import { STATUS } from '../../../../src/engine/net/smb/status/nt-status.ts';
import { openedLab } from '../../../support/host/served-lab.ts';
import {
  connected,
  createRequest,
  open,
  type HandMadeClient,
} from '../../../support/smb/hand-made-client.ts';
import { servedFiles } from '../../../support/smb/served-files.ts';

interface Scene {
  readonly client: HandMadeClient;
  readonly vm: LabVm;
  readonly ask: <Name extends OperationName>(
    name: Name,
    params: LabOperations[Name]['params'],
  ) => Promise<LabOperations[Name]['result']>;
  /** Name within the share of the VM's nth file, from the base on. */
  readonly file: (at: number) => string;
}

async function scene(t: TestContext): Promise<Scene> {
  const lab = await openedLab(t);
  const ask: Scene['ask'] = (name, params) => perform(lab, name, params, noProgress, never);
  await ask('add-vm', { name: 'web', disks: [{ size: 8 << 20 }] });
  await lab.serve();
  const vm = lab.vm('web');
  const client = await connected(t, await servedFiles(t, {}, lab));
  const file = (at: number): string => (vm.disks[0]?.files[at] ?? '').replace('C:\\Lab\\VMs\\', '');
  return { client, vm, ask, file };
}

const close = async (client: HandMadeClient, fileId: FileId): Promise<void> => {
  const body = CLOSE.encodeRequest({ flags: 0, fileId });
  await client.request({ command: COMMAND.close, body });
};

async function until(done: () => boolean): Promise<void> {
  for (let n = 0; n < 200 && !done(); n++) await delay(25, never);
  assert.ok(done());
}

test('the active disk of a running VM is listed with its size, and nobody else can open it', async (t) => {
  const { client, file, ask } = await scene(t);
  assert.equal((await open(client, file(0))).status, STATUS.sharingViolation);
  const remove = { access: ACCESS.delete };
  assert.equal((await open(client, file(0), remove)).status, STATUS.sharingViolation);
  const look = createRequest(file(0), { access: ACCESS.readAttributes });
  const { facts, fileId } = CREATE.decodeResponse((await client.request(look)).bytes);
  assert.ok(facts.endOfFile > 1 << 20, `${facts.endOfFile} bytes`);
  assert.equal(facts.attributes & 0x10, 0, 'it is no folder');
  await close(client, fileId);
  const folder = file(0).replace(/\\[^\\]*$/, '');
  const above = await open(client, folder, { access: ACCESS.delete, options: 1 });
  const rename = SET_INFO.encodeRequest({
    infoType: 1,
    infoClass: 10,
    additional: 0,
    fileId: above.fileId,
    input: written(28, (to) => to.u64(0).u64(0).u32(8).put(utf16('else'))),
  });
  const moved = await client.request({ command: COMMAND.setInfo, body: rename });
  assert.equal(moved.header.status, STATUS.accessDenied, 'its folder stays where it is');
  await close(client, above.fileId);
  await ask('set-state', { vm: 'web', state: 'off' });
  assert.equal((await open(client, file(0))).status, 0);
});

test('a frozen disk may be read by those who share it', async (t) => {
  const { client, file, ask } = await scene(t);
  await ask('checkpoint-create', { vm: 'web' });
  const { read, write, all } = SHARE_ACCESS;
  for (const [access, shareAccess, status] of [
    [ACCESS.readData, all, 0],
    [ACCESS.readData, read, 0],
    [ACCESS.readData, write, STATUS.sharingViolation],
    [ACCESS.writeData, all, STATUS.sharingViolation],
    [ACCESS.delete, all, STATUS.sharingViolation],
  ] as const) {
    const found = await open(client, file(0), { access, shareAccess });
    assert.equal(found.status, status, `access ${access} with sharing ${shareAccess}`);
    if (found.status === 0) await close(client, found.fileId);
  }
});

test('an open that shares reading only blocks the merge until it is closed', async (t) => {
  const { client, vm, file, ask } = await scene(t);
  for (const [shareAccess, blocks] of [
    [SHARE_ACCESS.read, true],
    [SHARE_ACCESS.all, false],
  ] as const) {
    const { id } = await ask('checkpoint-create', { vm: 'web' });
    const base = await open(client, file(0), { shareAccess });
    assert.equal(base.status, 0);
    await ask('checkpoint-remove', { vm: 'web', id });
    if (blocks) {
      await delay(400, never);
      assert.ok(isMerging(vm), 'the merge waits');
      await close(client, base.fileId);
    }
    await until(() => !isMerging(vm));
    assert.equal(vm.disks[0]?.files.length, 1);
    if (!blocks) await close(client, base.fileId);
  }
});

test('the client of a dead machine blocks the merge until its next session names the old one', async (t) => {
  const lab = await openedLab(t);
  const ask: Scene['ask'] = (name, params) => perform(lab, name, params, noProgress, never);
  await ask('add-vm', { name: 'web', disks: [{ size: 8 << 20 }] });
  await lab.serve();
  const vm = lab.vm('web');
  const files = await servedFiles(t, {}, lab);
  const dead = await connected(t, files);
  const { id } = await ask('checkpoint-create', { vm: 'web' });
  const name = (vm.disks[0]?.files[0] ?? '').replace('C:\\Lab\\VMs\\', '');
  assert.equal((await open(dead, name, { shareAccess: SHARE_ACCESS.read })).status, 0);
  await ask('checkpoint-remove', { vm: 'web', id });
  await delay(300, never);
  assert.ok(isMerging(vm));
  await connected(t, files, 'VMs', { previousSessionId: dead.sessionId });
  await until(() => !isMerging(vm));
});
