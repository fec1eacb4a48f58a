import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { ADVICE } from '../../../../src/engine/disk/check/advice/advice.ts';
import { checkDisk } from '../../../../src/engine/disk/check/check-disk.ts';
import { MIB } from '../../../../src/engine/disk/vhdx/structures/layout.ts';
import { VHDS_MAKERS } from '../../../support/disk/findings/vhds-makers.ts';
import { soundSet, type VhdsVictim } from '../../../support/disk/findings/vhds-victim.ts';
import { makeTagged } from '../../../support/disk/tagged-image.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

/** Checks a set with its backing file beside it. */
async function check(t: TestContext, set: VhdsVictim): Promise<readonly string[]> {
  const folder = await temporaryFolder(t);
  await makeTagged(join(folder, 'set_1.avhdx'), { size: 4 * MIB, blockSize: MIB }, [[0, MIB, 1]]);
  const file = join(folder, 'set.vhds');
  await writeFile(file, set.bytes);
  const { findings } = await checkDisk(file, { chain: true }, never);
  return [...new Set(findings.map(({ code }) => code))].sort();
}

test('a sound VHD Set has no finding', async (t) => {
  assert.deepEqual(await check(t, soundSet()), []);
});

for (const [code, harm] of Object.entries(VHDS_MAKERS)) {
  test(`the example of ${code} has that finding`, async (t) => {
    assert.deepEqual(await check(t, harm(soundSet())), [code]);
  });
}

test('each code of VHD Sets has advice and an example', () => {
  const documented = Object.keys(ADVICE).filter((code) => code.startsWith('vhds.'));
  assert.deepEqual(Object.keys(VHDS_MAKERS).sort(), documented.sort());
});
