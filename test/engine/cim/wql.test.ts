import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../../support/checks/properties.ts';
import {
  associatorsOf,
  equals,
  like,
  not,
  select,
  type Condition,
} from '../../../src/engine/cim/wql.ts';
import type { LabCondition } from '../../../src/engine/lab/wmi/wql-query.ts';
import { parseWql } from '../../../src/engine/lab/wmi/wql-parser.ts';

test('queries have the text that hosts were seen to answer', () => {
  assert.equal(select('Msvm_A'), 'SELECT * FROM Msvm_A');
  assert.equal(select('A', equals('K', 'a\\b')), "SELECT * FROM A WHERE K='a\\\\b'");
  assert.equal(select('A', not(like('K', '_%'))), "SELECT * FROM A WHERE NOT K LIKE '_%'");
  const vm = { className: 'V', keys: { CreationClassName: 'V', Name: "it's" } };
  assert.equal(
    associatorsOf(vm, { assocClass: 'A', resultClass: 'R' }),
    "ASSOCIATORS OF {V.CreationClassName='V',Name='it\\'s'} WHERE AssocClass = A ResultClass = R",
  );
});

const PLAIN = { noNullPrototype: true } as const;
const NAME = fc.stringMatching(/^K[A-Za-z]{0,8}$/);
const VALUE = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.integer({ min: -1_000_000, max: 1_000_000 }),
  fc.boolean(),
);
const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 4 },
    fc.record(
      {
        op: fc.constantFrom('=', '<>', '<', '>', '<=', '>=', 'like'),
        name: NAME,
        value: VALUE,
      },
      PLAIN,
    ) as fc.Arbitrary<Condition>,
    fc.record({ op: fc.constant('null' as const), name: NAME, negated: fc.boolean() }, PLAIN),
    fc.record({ op: fc.constant('not' as const), inner: tie('condition') }, PLAIN),
    fc.record(
      {
        op: fc.constantFrom('and' as const, 'or' as const),
        left: tie('condition'),
        right: tie('condition'),
      },
      PLAIN,
    ),
  ),
}));

/** A condition in the form in which the lab reads it. */
function asRead(where: Condition): LabCondition {
  switch (where.op) {
    case 'and':
    case 'or':
      return { op: where.op, left: asRead(where.left), right: asRead(where.right) };
    case 'not':
      return { op: 'not', inner: asRead(where.inner) };
    case 'null':
      return where;
    default: {
      const { op: by, name: property, value } = where;
      return { op: 'compare', by, left: { property }, right: { value } };
    }
  }
}

test('any condition is read by a host as it was meant', () => {
  fc.assert(
    fc.property(condition, (where) => {
      assert.deepEqual(parseWql(select('C', where)), {
        kind: 'select',
        names: null,
        className: 'C',
        where: asRead(where),
      });
    }),
  );
});
