import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../support/files/temporary-folder.ts';
import { refpointJson } from '../support/process/command.ts';
import { hostLab } from '../support/windows/host-lab.ts';

const MIB = 2 ** 20;

interface Backup {
  readonly kind: string;
  readonly method: string;
}

/** The command on the host itself: nothing but the driver reads the disks and names their changes. */
test('a full and an increment by the driver restore what the guest wrote', async (t) => {
  const lab = await hostLab(t);
  if (lab === undefined) return;
  const folder = await temporaryFolder(t);
  const store = join(folder, 'store');
  await lab.ask('add-vm', { name: 'web', disks: [{ size: 16 * MIB }, { size: 8 * MIB }] });
  const write = async (disk: number, at: number, byte: number): Promise<void> => {
    const base64 = Buffer.alloc(100_352, byte).toString('base64');
    await lab.ask('write-bytes', { vm: 'web', disk, offset: at, base64 });
  };
  const { options, env } = lab.command;
  const backup = async (): Promise<Backup> => {
    const args = ['backup', 'web', ...options, '--store', store, '--check-tracker', 'full'];
    return refpointJson<Backup>(args, { env });
  };
  const assertRestored = async (name: string): Promise<void> => {
    const to = join(folder, name);
    await refpointJson(['restore', '--store', store, '--to', to, '--format', 'raw'], { env });
    const files = (await readdir(to)).filter((each) => each.endsWith('.raw')).sort();
    assert.equal(files.length, 2);
    for (const [disk, file] of files.entries()) {
      const { hash } = await refpointJson<{ hash: string }>(['disk', 'hash', join(to, file)]);
      assert.equal(hash, (await lab.ask('hash', { vm: 'web', disk })).hash, `disk ${disk}`);
    }
  };
  await write(0, 3 * MIB, 3);
  await write(1, 1 * MIB, 1);
  const full = await backup();
  assert.deepEqual([full.method, full.kind], ['virtdisk', 'full']);
  await assertRestored('full');

  await write(0, 9 * MIB + 512, 9);
  await lab.ask('checkpoint-create', { vm: 'web' });
  await write(1, 5 * MIB, 5);
  const increment = await backup();
  assert.deepEqual([increment.method, increment.kind], ['virtdisk', 'incr']);
  await assertRestored('increment');
});
