import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { FileSource } from '../../../../src/engine/source/files/file-source.ts';
import { HeldFiles } from '../../../../src/engine/lab/files/held-files.ts';
import { HostPaths } from '../../../../src/engine/lab/files/host-paths.ts';
import {
  backup,
  openTestStore,
  pattern,
  startBackupLab,
} from '../../../support/backup/backup-lab.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

const MIB = 2 ** 20;

test('the active file of a running VM is listed and cannot be opened; that of a VM that is off can', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 8 * MIB }] });
  await lab.write('vm', 0, MIB, pattern(MIB, 1));
  const active = async (): Promise<string> => {
    const [vm] = await lab.ask('list', {});
    const name = vm?.disks[0]?.path.slice('C:\\Lab'.length).split('\\') ?? [];
    return path.join(lab.pathMap[0]?.local ?? '', ...name);
  };
  const opens = async (file: string): Promise<boolean> => {
    try {
      await (await FileSource.open(file, never)).close();
      return true;
    } catch {
      return false;
    }
  };
  const base = await active();
  assert.ok((await fs.readdir(path.dirname(base))).includes(path.basename(base)));
  assert.equal(await opens(base), false);
  await assert.rejects(fs.readFile(base));
  // A user checkpoint freezes the file, which can be read then; the new one cannot.
  const { id } = await lab.ask('checkpoint-create', { vm: 'vm' });
  assert.equal(await opens(base), true);
  assert.equal(await opens(await active()), false);
  await lab.write('vm', 0, 3 * MIB, pattern(MIB, 2));
  const hash = await lab.guestHash('vm', 0);
  assert.equal((await backup(lab, store, 'vm')).manifest.kind, 'full');
  await lab.ask('checkpoint-remove', { vm: 'vm', id });
  await lab.host.waitForMerge((await lab.host.findVm('vm', never)).id, { seconds: 60 }, never);
  assert.equal(await active(), base);
  assert.equal(await opens(base), false);
  assert.equal(await lab.guestHash('vm', 0), hash);
  await lab.ask('set-state', { vm: 'vm', state: 'off' });
  assert.equal(await opens(base), true);
});

test('a lab that was killed in any step of holding a file finds it again', async (t) => {
  const folder = await temporaryFolder(t);
  const paths = new HostPaths(folder);
  const own = path.join(paths.localRoot, 'VMs', 'disk.vhdx');
  const held = path.join(folder, 'held', 'VMs', 'disk.vhdx');
  const steps: Readonly<Record<string, () => Promise<unknown>>> = {
    'moved, not yet listed': async () => undefined,
    'moved and listed': () => fs.mkdir(own),
  };
  await fs.mkdir(path.dirname(own), { recursive: true });
  for (const [step, prepare] of Object.entries(steps)) {
    await fs.mkdir(path.dirname(held), { recursive: true });
    await fs.writeFile(held, step);
    await prepare();
    await new HeldFiles(paths, folder).recover();
    assert.equal(await fs.readFile(own, 'utf8'), step);
    await fs.rm(own);
  }
  // What somebody put under the name meanwhile is newer.
  await fs.mkdir(path.dirname(held), { recursive: true });
  await fs.writeFile(held, 'old');
  await fs.writeFile(own, 'new');
  await new HeldFiles(paths, folder).recover();
  assert.equal(await fs.readFile(own, 'utf8'), 'new');
});

test('a file whose name is gone from the host is gone, and is back with its name', async (t) => {
  const folder = await temporaryFolder(t);
  const paths = new HostPaths(folder);
  const own = path.join(paths.localRoot, 'disk.vhdx');
  await fs.mkdir(path.dirname(own), { recursive: true });
  await fs.writeFile(own, 'bytes');
  const files = new HeldFiles(paths, folder);
  const name = 'C:\\Lab\\disk.vhdx';
  await files.settle([name]);
  const read = (): Promise<string | undefined> =>
    files.use(name, async (local) =>
      local === undefined ? undefined : fs.readFile(local, 'utf8'),
    );
  assert.equal(await read(), 'bytes');
  await fs.rename(own, `${own}.gone`);
  assert.equal(await read(), undefined);
  await fs.rename(`${own}.gone`, own);
  assert.equal(await read(), 'bytes');
  await files.settle([]);
  assert.equal(await fs.readFile(own, 'utf8'), 'bytes');
});
