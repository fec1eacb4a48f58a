import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QCOW2 } from '../../../../src/engine/disk/qcow2/qcow2-format.ts';
import { VHDX } from '../../../../src/engine/disk/vhdx/vhdx-format.ts';
import { soundQcow2 } from '../../../support/disk/findings/qcow2-victim.ts';
import { exercise } from '../../../support/disk/fuzz/exercise.ts';
import { soundImage } from '../../../support/disk/vhdx-victim.ts';
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
