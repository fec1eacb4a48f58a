import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { afterwards } from '../../support/checks/afterwards.ts';
import { refpoint, refpointJson, startLabProcess } from '../../support/process/command.ts';
import { peer } from '../../support/process/peers.ts';

interface Backup {
  readonly point: string;
  readonly kind: string;
  readonly disks: readonly { readonly readBytes: number; readonly writtenBytes: number }[];
}

interface Changes {
  readonly changedBytes: number;
  readonly ranges: readonly { readonly start: number; readonly length: number }[];
}

interface Vm {
  readonly referencePoints: readonly { readonly id: string }[];
}

interface Restored {
  readonly disks: readonly { readonly file: string }[];
}

test('a real ext4 file system comes back as it was at both points', async (t) => {
  const qemuImg = peer(t, 'qemu-img');
  const mke2fs = peer(t, 'mke2fs');
  const debugfs = peer(t, 'debugfs');
  const e2fsck = peer(t, 'e2fsck');
  if (!qemuImg || !mke2fs || !debugfs || !e2fsck) return;

  const dir = mkdtempSync(join(tmpdir(), 'refpoint-ext4-'));
  afterwards(t, () => rmSync(dir, { recursive: true, force: true }));
  const at = (name: string): string => join(dir, name);

  // State 1: a file system made from real files.
  mkdirSync(at('files/sub'), { recursive: true });
  for (let i = 0; i < 40; i++)
    writeFileSync(at(`files/sub/file${i}`), randomBytes(200_000 + i * 999));
  writeFileSync(at('files/readme'), 'the first state\n');
  execFileSync(mke2fs, ['-q', '-t', 'ext4', '-d', at('files'), at('state1.raw'), '128M']);
  execFileSync(qemuImg, ['convert', '-f', 'raw', '-O', 'vhdx', at('state1.raw'), at('vm.vhdx')]);

  // State 2: files added, changed and deleted.
  copyFileSync(at('state1.raw'), at('state2.raw'));
  writeFileSync(at('new'), randomBytes(3_000_000));
  writeFileSync(at('changed'), randomBytes(250_000));
  const script = [
    `write ${at('new')} added`,
    'rm sub/file3',
    'rm sub/file4',
    'rm sub/file5',
    `write ${at('changed')} sub/file5`,
    'mkdir another',
  ];
  writeFileSync(at('commands'), script.join('\n'));
  execFileSync(debugfs, ['-w', '-f', at('commands'), at('state2.raw')], { stdio: 'ignore' });
  assert.notEqual(
    0,
    compareStatus(qemuImg, at('state1.raw'), at('state2.raw')),
    'the states differ',
  );

  const lab = await startLabProcess(at('lab'));
  afterwards(t, () => lab.stop());
  await ok(['lab', 'add-vm', '--dir', at('lab'), '--name', 'ext4', '--image', at('vm.vhdx')]);
  const store = ['--store', at('store')];
  const backup = [
    'backup',
    'ext4',
    ...store,
    '--method',
    'file',
    ...lab.hostOptions,
    ...lab.pathMapOptions,
  ];
  const env = { env: lab.env };

  const full = await refpointJson<Backup>(backup, env);
  assert.equal(full.kind, 'full');
  await ok([
    'lab',
    'write',
    '--dir',
    at('lab'),
    '--vm',
    'ext4',
    '--disk',
    '0',
    '--from-raw',
    at('state2.raw'),
  ]);
  const vm = await refpointJson<Vm>(['vm', 'show', 'ext4', ...lab.hostOptions], env);
  const since = vm.referencePoints[0]?.id ?? '';
  const changes = await refpointJson<Changes>(
    ['changes', 'ext4', '--disk', '0', '--since', since, ...lab.hostOptions],
    env,
  );
  const incremental = await refpointJson<Backup>(backup, env);
  assert.match(incremental.kind, /^incr/);

  // No byte outside the changed ranges, grown to the 1 MiB cells that are hashed, is read.
  const cell = 2 ** 20;
  const cells = new Set(
    changes.ranges.flatMap((r) =>
      Array.from(
        { length: Math.ceil((r.start + r.length) / cell) - Math.floor(r.start / cell) },
        (_, i) => Math.floor(r.start / cell) + i,
      ),
    ),
  );
  const [disk] = incremental.disks;
  assert.ok(disk !== undefined && changes.changedBytes > 3_000_000);
  assert.ok(
    disk.readBytes <=
      Math.min(cells.size * cell, changes.changedBytes + 4096 * changes.ranges.length),
    `${disk.readBytes} bytes were read for ${changes.changedBytes} changed ones`,
  );

  for (const [point, state] of [
    [full.point, 'state1.raw'],
    [incremental.point, 'state2.raw'],
  ] as const) {
    const to = at(`restored-${state}`);
    const options = ['--vm', 'ext4', '--point', point, '--to', to, '--format', 'vhdx'];
    const restored = await refpointJson<Restored>(['restore', ...store, ...options]);
    const file = restored.disks[0]?.file ?? '';
    assert.equal(compareStatus(qemuImg, file, at(state)), 0, `${point} equals ${state}`);
    execFileSync(qemuImg, ['convert', '-O', 'raw', file, at('check.raw')]);
    execFileSync(e2fsck, ['-fn', at('check.raw')], { stdio: 'pipe' });
  }
  const verified = await refpoint(['verify', ...store]);
  assert.equal(verified.status, 0, verified.stdout + verified.stderr);
});

/** `qemu-img compare`: 0 equal, 1 different. */
function compareStatus(qemuImg: string, a: string, b: string): number {
  const format = (path: string): string => (path.endsWith('.vhdx') ? 'vhdx' : 'raw');
  try {
    execFileSync(qemuImg, ['compare', '-q', '-f', format(a), '-F', format(b), a, b], {
      stdio: 'pipe',
    });
    return 0;
  } catch (error) {
    return (error as { status?: number }).status ?? 2;
  }
}

async function ok(args: readonly string[]): Promise<void> {
  const outcome = await refpoint(args);
  assert.equal(outcome.status, 0, `refpoint ${args.join(' ')}\n${outcome.stdout}${outcome.stderr}`);
}
