import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../../src/engine/base/abort.ts';
import { ADVICE } from '../../../../../src/engine/disk/check/advice/advice.ts';
import { QCOW2 } from '../../../../../src/engine/disk/qcow2/qcow2-format.ts';
import { QCOW2_MAKERS } from '../../../../support/disk/findings/qcow2-makers.ts';
import { soundQcow2, type Qcow2Victim } from '../../../../support/disk/findings/qcow2-victim.ts';
import { MemoryStorage } from '../../../../support/files/memory-source.ts';

async function check({ bytes }: Qcow2Victim): Promise<readonly string[]> {
  const found: string[] = [];
  const defects = QCOW2.check?.(new MemoryStorage(bytes), never);
  assert.ok(defects !== undefined);
  for await (const defect of defects) {
    assert.ok(Number.isSafeInteger(defect.offset) && defect.offset >= 0, defect.code);
    assert.notEqual(defect.section, '', defect.code);
    found.push(defect.code);
  }
  return [...new Set(found)].sort();
}

test('a sound qcow2 image has no finding', async () => {
  for (const kind of ['dynamic', 'differencing'] as const) {
    assert.deepEqual(await check(await soundQcow2(kind)), [], kind);
  }
});

/** Findings that the example of a code has besides. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  'qcow2.l1.reserved': ['qcow2.refcount.leaked'],
  'qcow2.l1.alignment': ['qcow2.refcount.leaked'],
  'qcow2.l1.beyond': ['qcow2.refcount.leaked'],
  'qcow2.l1.shared': ['qcow2.refcount.low'],
  'qcow2.l2.compressed': ['qcow2.refcount.leaked'],
  'qcow2.l2.offset': ['qcow2.refcount.leaked'],
  'qcow2.l2.beyond': ['qcow2.refcount.leaked'],
  'qcow2.bitmaps.missing': ['qcow2.refcount.unchecked'],
  'qcow2.bitmaps.length': ['qcow2.refcount.unchecked'],
  'qcow2.bitmaps.count': ['qcow2.refcount.unchecked'],
  'qcow2.bitmaps.reserved': ['qcow2.refcount.unchecked'],
  'qcow2.bitmaps.place': ['qcow2.refcount.unchecked'],
  'qcow2.bitmaps.entry': ['qcow2.refcount.unchecked'],
  'qcow2.bitmaps.table': ['qcow2.bitmaps.ignored', 'qcow2.refcount.leaked'],
  'qcow2.bitmaps.stale': ['qcow2.refcount.leaked'],
  'qcow2.refcountTable.entry': ['qcow2.refcount.copied', 'qcow2.refcount.low'],
};

for (const [code, [kind, harm]] of Object.entries(QCOW2_MAKERS)) {
  test(`the example of ${code} has that finding`, async () => {
    const found = await check(harm(await soundQcow2(kind)));
    assert.deepEqual(found, [code, ...(ALSO[code] ?? [])].sort());
  });
}

test('each code of qcow2 has advice and an example', () => {
  const documented = Object.keys(ADVICE).filter((code) => code.startsWith('qcow2.'));
  assert.deepEqual(Object.keys(QCOW2_MAKERS).sort(), documented.sort());
});
