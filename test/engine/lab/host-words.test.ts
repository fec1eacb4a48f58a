import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { HostPaths } from '../../../src/engine/lab/files/host-paths.ts';
import { startBackupLab } from '../../support/backup/backup-lab.ts';
import { runCli } from '../../support/process/cli-io.ts';

test('what goes wrong on the host is told with the host’s own paths', async (t) => {
  const lab = await startBackupLab(t);
  const env = { ...lab.command.env, REFPOINT_HOME: join(lab.folder, 'home') };
  await lab.ask('add-vm', { name: 'web', disks: [{ size: 4 * 2 ** 20 }] });
  const folder = join(lab.pathMap[0]?.local ?? '', 'Exports', 'one');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'Virtual Hard Disks'), 'in the way');
  const words = ['export', 'web', '--to', `${lab.exportDirectory}\\one`];
  const { status, err } = await runCli([...words, ...lab.command.options.slice(0, 4)], { env });
  assert.equal(status, 3);
  assert.match(err, /C:\\Lab\\Exports\\one\\Virtual Hard Disks: it is a file, not a folder/);
  assert.ok(!err.includes(lab.folder), err);
});

test('only paths of the host’s own folder are put into its words', () => {
  const paths = new HostPaths('lab');
  const { localRoot } = paths;
  const file = join(localRoot, 'Virtual Hard Disks', 'a.vhdx');
  for (const [local, host] of [
    [`Cannot open ${file}: no`, 'Cannot open C:\\Lab\\Virtual Hard Disks\\a.vhdx: no'],
    [`open '${file}', '${localRoot}'`, "open 'C:\\Lab\\Virtual Hard Disks\\a.vhdx', 'C:\\Lab'"],
    [`${localRoot}-other: 1/2`, `${localRoot}-other: 1/2`],
    ['1/2', '1/2'],
  ] as const) {
    assert.equal(paths.toHostText(local), host);
  }
});
