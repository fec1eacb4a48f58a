import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLog, DEVICE, SET } from '../../engine/vss/diskshadow/logs.ts';
import { temporaryFolder } from '../../support/files/temporary-folder.ts';
import { refpoint, refpointJson, startLabProcess } from '../../support/process/command.ts';
import { absent } from '../../support/process/peers.ts';

test('vss read prints what is in a log, and fails if that shows a failure', async (t) => {
  const file = join(await temporaryFolder(t), 'created.log');
  await writeFile(file, createLog('chinese'));
  const read = await refpoint(['vss', 'read', file, '--json']);
  assert.equal(read.status, 0, read.stderr);
  const { set, shadows } = JSON.parse(read.stdout) as { set: string; shadows: unknown[] };
  assert.equal(set, SET);
  assert.equal(shadows.length, 1);
  const text = await refpoint(['vss', 'read', file]);
  assert.ok(text.stdout.includes(DEVICE), text.stdout);
  await writeFile(file, '-> create\r\n- Returned HRESULT: 80042316\r\n');
  const failed = await refpoint(['vss', 'read', file]);
  assert.equal(failed.status, 1);
  assert.match(failed.stdout, /0x80042316 VSS_E_SNAPSHOT_SET_IN_PROGRESS: Another set/);
  await writeFile(file, 'something else');
  assert.match((await refpoint(['vss', 'read', file])).stderr, /is not a log of diskshadow/);
});

test('vss writers runs diskshadow in a remote shell, and leaves no folder behind', async (t) => {
  if (process.platform === 'win32') return t.skip('the lab emulates diskshadow elsewhere');
  const powershell = process.env['REFPOINT_PWSH'] ?? '';
  if (powershell === '') return absent(t, 'needs PowerShell, which REFPOINT_PWSH names');
  const options = ['--job-delay', '0', '--shell'];
  const lab = await startLabProcess(await temporaryFolder(t), options, {
    REFPOINT_PWSH: powershell,
  });
  try {
    const { writers } = await refpointJson<{
      writers: readonly { name: string; state: number; failed: boolean }[];
    }>(['vss', 'writers', ...lab.hostOptions], { env: lab.env });
    assert.deepEqual(
      writers.map(({ name, state, failed }) => [name, state, failed]),
      [
        ['System Writer', 1, false],
        ['Microsoft Hyper-V VSS Writer', 1, false],
      ],
    );
    assert.deepEqual(await readdir(join(lab.dir, 'windows', 'ProgramData')), []);
  } finally {
    await lab.stop();
  }
});

test('a host that allows no remote shell says so', async (t) => {
  const lab = await startLabProcess(await temporaryFolder(t), ['--job-delay', '0']);
  try {
    const { status, stderr } = await refpoint(['vss', 'writers', ...lab.hostOptions], {
      env: lab.env,
    });
    assert.notEqual(status, 0);
    assert.match(stderr, /remote shell/);
  } finally {
    await lab.stop();
  }
});
