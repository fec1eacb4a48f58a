import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { ADVICE } from '../../../../src/engine/disk/check/advice/advice.ts';
import { checkDisk } from '../../../../src/engine/disk/check/check-disk.ts';
import { CHAIN_MAKERS, soundChain } from '../../../support/disk/findings/chain-makers.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

async function check(file: string, chain: boolean): Promise<readonly string[]> {
  const { findings } = await checkDisk(file, { chain }, never);
  return findings.map(({ code }) => code).sort();
}

test('a sound chain has no finding', async (t) => {
  assert.deepEqual(await check(await soundChain(await temporaryFolder(t)), true), []);
});

/** Findings that the example of a code has besides: of the image itself. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  'disk.chain.absolute': ['vhdx.locator.noRelative'],
};

for (const [code, make] of Object.entries(CHAIN_MAKERS)) {
  test(`the example of ${code} has that finding, if its parents are asked for`, async (t) => {
    const file = await make(await temporaryFolder(t));
    const own = ALSO[code] ?? [];
    assert.deepEqual(await check(file, false), own);
    assert.deepEqual(await check(file, true), [code, ...own].sort());
  });
}

test('each code of chains has advice and an example', () => {
  const documented = Object.keys(ADVICE).filter((code) => code.startsWith('disk.'));
  assert.deepEqual(Object.keys(CHAIN_MAKERS).sort(), documented.sort());
});
