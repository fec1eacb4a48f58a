import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { VHD_MAKERS } from '../../support/disk/findings/vhd-makers.ts';
import { soundVhd } from '../../support/disk/findings/vhd-victim.ts';
import { temporaryFolder } from '../../support/files/temporary-folder.ts';
import { runCli } from '../../support/process/cli-io.ts';

test('disk check: text in 80 columns, and an exit status that tells errors from other findings', async (t) => {
  const folder = await temporaryFolder(t);
  const check = (name: string): ReturnType<typeof runCli> =>
    runCli(['disk', 'check', name], { cwd: folder, columns: 80 });
  const make = async (name: string, ...codes: readonly string[]): Promise<void> => {
    let victim = await soundVhd('dynamic');
    for (const code of codes) victim = VHD_MAKERS[code]?.[1](victim) ?? victim;
    await writeFile(join(folder, name), victim.bytes);
  };

  await make('sound.vhd');
  const sound = await check('sound.vhd');
  assert.deepEqual([sound.status, sound.out], [0, 'No findings.\n']);

  await make('noted.vhd', 'vhd.footer.features', 'vhd.footer.savedState');
  const noted = await check('noted.vhd');
  assert.equal(noted.status, 0);
  assert.match(noted.out, /^warning: vhd\.footer\.savedState\n/);

  await make('broken.vhd', 'vhd.footer.features', 'vhd.bat.offset');
  const broken = await check('broken.vhd');
  assert.equal(broken.status, 1);
  // The error comes first, though it lies behind the other findings.
  assert.match(broken.out, /^error: vhd\.bat\.offset\n {2}the BAT entry at 1536 points to \[/);
  assert.match(broken.out, /\n {2}at .*broken\.vhd,\s+byte\s+1536\s+\(0x600\)\n/);
  assert.match(broken.out, /\n {2}bytes 0 to 524288 of the disk\n/);
  assert.match(broken.out, /\n {2}rule: VHD 1\.0, Block Allocation Table/);
  assert.match(broken.out, /\n {2}to do: Restore the file/);
  assert.match(broken.out, /\n\ninfo: vhd\.footer\.features\n/);
  assert.match(broken.out, /\n\n1 error, 1 info\n$/);
  const long = broken.out.split('\n').filter((line) => line.length > 80);
  assert.deepEqual(
    long.filter((line) => line.trim().includes(' ')),
    [],
  );

  const absent = await check('absent.vhd');
  assert.equal(absent.status, 3);
  assert.match(absent.err, /absent\.vhd/);
  const usage = await runCli(['disk', 'check'], { cwd: folder });
  assert.equal(usage.status, 2);
});
