import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { QCOW2 } from '../../../../src/engine/disk/qcow2/qcow2-format.ts';
import { Draft } from '../../../../src/engine/disk/repair/draft.ts';
import { readFooters } from '../../../../src/engine/disk/vhd/read/footers.ts';
import { VHD } from '../../../../src/engine/disk/vhd/vhd-format.ts';
import { VHDX } from '../../../../src/engine/disk/vhdx/vhdx-format.ts';
import { soundQcow2 } from '../../../support/disk/findings/qcow2-victim.ts';
import { soundVhd } from '../../../support/disk/findings/vhd-victim.ts';
import { exercise } from '../../../support/disk/fuzz/exercise.ts';
import { BAT, soundImage } from '../../../support/disk/vhdx-victim.ts';
import { MemoryStorage } from '../../../support/files/memory-source.ts';
import { PageImage } from '../../../support/files/page-storage.ts';

// Inputs that mutated images found, each with the fault that it showed.

test('a refcount table that begins in the last bytes of the file, and not at an entry, is shown', async () => {
  const victim = await soundQcow2('dynamic');
  victim.put(48, victim.bytes.length - 12, 8);
  const outcomes = await exercise(QCOW2, PageImage.of(victim.bytes));
  assert.ok(outcomes.includes('check qcow2.refcountTable.place'), outcomes.join(', '));
});

test('an empty log at an offset that is not a safe integer has one finding', async () => {
  const victim = await soundImage('dynamic');
  const outcomes = await exercise(VHDX, victim.header({ logOffset: 2 ** 60 }).image);
  assert.ok(outcomes.includes('check vhdx.header.logOffset'), outcomes.join(', '));
});

test('a log with entries at an offset that is not a safe integer is found at its field', async () => {
  const victim = await soundImage('dynamic');
  victim.log({}, { writes: [{ kind: 'page', offset: BAT, bytes: victim.bytes(BAT, 4096) }] });
  const outcomes = await exercise(VHDX, victim.header({ logOffset: 2 ** 60 }).image);
  assert.ok(
    outcomes.some((each) => /^check .*vhdx\.log\.truncated/.test(each)),
    outcomes.join(),
  );
});

test('a footer is not written into the middle of a file that does not end at a sector', async () => {
  for (const kind of ['dynamic', 'differencing'] as const) {
    const { bytes } = await soundVhd(kind);
    // The footer is gone, and bytes of something else follow the last block.
    const file = new Uint8Array(bytes.length - 512 + 700);
    file.set(bytes.subarray(0, bytes.length - 512));
    const outcomes = await exercise(VHD, PageImage.of(file));
    assert.ok(
      outcomes.some((each) => each.includes('vhd.footer.missing')),
      outcomes.join(),
    );
    const draft = new Draft(new MemoryStorage(file));
    const steps = await VHD.repairs?.repair(draft, never);
    assert.deepEqual(
      steps?.map(({ code }) => code),
      ['vhd.footer.missing'],
    );
    assert.equal(draft.size, bytes.length + 512);
    assert.equal((await readFooters(draft, never)).tail?.sound, true);
  }
});
