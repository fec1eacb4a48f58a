import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { BackupOptions } from '../../../../src/engine/api/backup.ts';
import { localDisks } from '../../../../src/engine/hosts/local/local-disks.ts';
import { mappedFiles } from '../../../../src/engine/backup/host/mapped-files.ts';
import type { CheckAround } from '../../../../src/engine/backup/read/contract/method.ts';
import type { HostDisk } from '../../../../src/engine/backup/host/host.ts';
import { checkForRun, requireMethod } from '../../../../src/engine/backup/read/methods.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import type { RemoteFiles } from '../../../../src/engine/backup/host/host-files.ts';
import { smbError } from '../../../../src/engine/net/smb/contract/smb-errors.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

const disk = (path: string): HostDisk => ({
  slot: 'scsi0:0',
  locationId: 'l',
  path,
  format: 'vhdx',
  shared: false,
  virtualSize: 1,
  virtualDiskId: null,
  parentPath: null,
  logicalSectorSize: 512,
});

/** No server may be contacted. */
const around = (
  options: Pick<BackupOptions, 'pathMap' | 'exportDirectory' | 'checkTracker'>,
): CheckAround => ({
  options,
  local: localDisks('hv01'),
  mapped: mappedFiles(options.pathMap, async () => false),
  remote: undefined,
});

const NOTHING = {
  pathMap: [{ host: 'Z:\\', local: '/z' }],
  exportDirectory: null,
  checkTracker: 'sample',
} as const;

test('a disk in a folder that is not mapped rules out file, and every such folder is named once', async () => {
  const disks = ['C:\\VMs\\a.vhdx', 'C:/VMs/b.vhdx', 'D:\\c.vhdx'].map(disk);
  const [, file, , exported] = await checkForRun(disks, 'file', around(NOTHING), never);
  assert.equal(file?.problem?.code, 'path.unmapped');
  assert.deepEqual(file?.folders, ['C:\\VMs', 'D:\\']);
  assert.equal(exported?.problem?.code, 'plan.method');
});

test('a mapped folder without the file, such as a share that is not mounted, is found before the run', async (t) => {
  const folder = await temporaryFolder(t);
  const options = {
    pathMap: [{ host: 'C:\\VMs', local: folder }],
    exportDirectory: null,
    checkTracker: 'sample',
  } as const;
  const disks = [disk('C:\\VMs\\web\\a.vhdx')];
  const [, before] = await checkForRun(disks, 'file', around(options), never);
  assert.equal(before?.problem?.code, 'path.missing');
  assert.deepEqual(before?.folders, ['C:\\VMs\\web']);
  assert.throws(
    () => requireMethod('file', before === undefined ? [] : [before]),
    (error: unknown) => isEngineError(error, 'path.missing'),
  );
  await mkdir(join(folder, 'web'));
  await writeFile(join(folder, 'web', 'a.vhdx'), '');
  const [, after] = await checkForRun(disks, 'file', around(options), never);
  assert.equal(after?.problem, null);
});

test('an export needs a folder that can be reached from here; the host makes the last part itself', async (t) => {
  const folder = await temporaryFolder(t);
  const pathMap = [{ host: 'C:\\Exports', local: folder }];
  const check = async (exportDirectory: string): Promise<string | null | undefined> =>
    (
      await checkForRun(
        [],
        'export',
        around({ pathMap, exportDirectory, checkTracker: 'sample' }),
        never,
      )
    )[3]?.problem?.code ?? null;
  assert.equal(await check('C:\\Exports'), null);
  assert.equal(await check('C:\\Exports\\new'), null);
  assert.equal(await check('C:\\Exports\\new\\newer'), 'path.missing');
  assert.equal(await check('D:\\Exports'), 'path.unmapped');
});

test('a parent on a file server that nobody approved is found before the run', async () => {
  const facts = { kind: 'file', size: 1, isLink: false, readable: true } as const;
  const remote: RemoteFiles = {
    shared: { open: () => Promise.reject(new Error('no disk is opened')) },
    writing: {
      createFolder: () => Promise.reject(new Error('nothing is written')),
      create: () => Promise.reject(new Error('nothing is written')),
      change: () => Promise.reject(new Error('nothing is written')),
      rename: () => Promise.reject(new Error('nothing is written')),
      freeBytes: async () => 0,
    },
    access: {
      flavour: 'win32',
      stat: async () => facts,
      list: async () => [],
      open: () => Promise.reject(new Error('no disk is opened')),
      remove: () => Promise.reject(new Error('nothing is removed')),
    },
    pathOf: async (hostPath) => {
      if (!hostPath.startsWith('\\\\')) return hostPath;
      throw smbError('smb.server.unknown', 'not approved', { data: { server: 'other' } });
    },
    reaches: async () => true,
    followsNames: false,
    contacted: false,
    unencrypted: [],
    protection: [],
    endEarlier: async () => undefined,
    close: async () => [],
  };
  const check = async (parentPath: string | null) =>
    (
      await checkForRun(
        [{ ...disk('C:\\VMs\\a.avhdx'), parentPath }],
        'smb',
        { ...around(NOTHING), remote },
        never,
      )
    )[2]?.problem?.code ?? null;
  assert.equal(await check(null), null);
  assert.equal(await check('C:\\VMs\\a.vhdx'), null);
  assert.equal(await check('\\\\other\\vms\\a.vhdx'), 'smb.server.unknown');
});
