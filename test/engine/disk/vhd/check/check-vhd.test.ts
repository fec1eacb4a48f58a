import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../../src/engine/base/abort.ts';
import { ADVICE } from '../../../../../src/engine/disk/check/advice/advice.ts';
import { VHD } from '../../../../../src/engine/disk/vhd/vhd-format.ts';
import { VHD_MAKERS } from '../../../../support/disk/findings/vhd-makers.ts';
import { soundVhd, type VhdVictim } from '../../../../support/disk/findings/vhd-victim.ts';
import { MemoryStorage } from '../../../../support/files/memory-source.ts';

async function check({ bytes }: VhdVictim): Promise<readonly string[]> {
  const found: string[] = [];
  const defects = VHD.check?.(new MemoryStorage(bytes), never);
  assert.ok(defects !== undefined);
  for await (const defect of defects) {
    assert.ok(Number.isSafeInteger(defect.offset) && defect.offset >= 0, defect.code);
    assert.notEqual(defect.section, '', defect.code);
    found.push(defect.code);
  }
  return [...new Set(found)].sort();
}

test('a sound VHD has no finding', async () => {
  for (const kind of ['fixed', 'dynamic', 'differencing'] as const) {
    assert.deepEqual(await check(await soundVhd(kind)), [], kind);
  }
});

/** Findings that the example of a code has besides. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  'vhd.footer.limit': ['vhd.header.bat', 'vhd.header.entries'],
  'vhd.locator.platform': ['vhd.locator.length', 'vhd.locator.place'],
};

for (const [code, [kind, harm]] of Object.entries(VHD_MAKERS)) {
  test(`the example of ${code} has that finding`, async () => {
    const found = await check(harm(await soundVhd(kind)));
    assert.deepEqual(found, [code, ...(ALSO[code] ?? [])].sort());
  });
}

/** No small file is an example of these. */
const WITHOUT_EXAMPLE = ['vhd.bat.many'];

test('each code of VHD has advice and an example', () => {
  const documented = Object.keys(ADVICE).filter((code) => code.startsWith('vhd.'));
  assert.deepEqual([...Object.keys(VHD_MAKERS), ...WITHOUT_EXAMPLE].sort(), documented.sort());
});
