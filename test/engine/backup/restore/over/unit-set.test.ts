import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../../../../support/checks/properties.ts';
import { UnitSet } from '../../../../../src/engine/backup/restore/over/unit-set.ts';

test('a set of units yields runs of what was added and not deleted again, in order', () => {
  const unit = fc.oneof(fc.nat(100), fc.integer({ min: 32_760, max: 32_776 }), fc.nat(2 ** 30));
  const step = fc.tuple(fc.boolean(), unit);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const set = new UnitSet();
      const expected = new Set<number>();
      for (const [adds, number] of steps) {
        if (adds) set.add(number);
        else set.delete(number);
        if (adds) expected.add(number);
        else expected.delete(number);
      }
      const found: number[] = [];
      let end = -1;
      for (const run of set.runs()) {
        assert.ok(run.start > end && run.end > run.start, 'runs touch');
        ({ end } = run);
        for (let each = run.start; each < run.end; each++) found.push(each);
      }
      assert.deepEqual(
        found,
        [...expected].sort((a, b) => a - b),
      );
    }),
  );
});
