import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError } from '../../../../src/engine/base/errors.ts';
import { throwFirst, type Defect } from '../../../../src/engine/disk/inspect/defect.ts';
import { vhdxError } from '../../../../src/engine/disk/vhdx/structures/vhdx-errors.ts';

const tolerated: Defect<'vhdx.header.version'> = {
  code: 'vhdx.header.reserved',
  severity: 'warning',
  structure: 'VHDX header 1',
  field: 'Reserved',
  offset: 65616,
  found: 'not zero',
  expected: 0,
  section: 'MS-VHDX 2.2.2',
};
const refused: typeof tolerated = {
  code: 'vhdx.header.version',
  error: 'vhdx.header.version',
  structure: 'VHDX header 1',
  field: 'Version',
  offset: 65602,
  found: 7,
  expected: 1,
  section: 'MS-VHDX 2.2.2',
};

test('a reader refuses the first defect that has an error, and passes over the others', () => {
  throwFirst(vhdxError, [tolerated]);
  assert.throws(
    () => throwFirst(vhdxError, [tolerated, refused, { ...refused, offset: 1 }]),
    (error) => {
      assert.ok(error instanceof EngineError);
      assert.equal(error.code, 'vhdx.header.version');
      assert.equal(error.message, 'VHDX header 1 at 65602: Version is 7; 1 was expected');
      assert.deepEqual(error.data, { offset: 65602, found: 7, expected: 1 });
      return true;
    },
  );
});

test('a rule about several fields says so in its own words', () => {
  assert.throws(() => throwFirst(vhdxError, [{ ...refused, text: 'both are wrong' }]), {
    message: 'both are wrong',
  });
});
