import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnatomyNode } from '../../../../src/engine/api/anatomy.ts';
import {
  fieldAt,
  parentKey,
  treeRows,
} from '../../../../src/views/disk-anatomy/state/tree-rows.ts';

function node(
  label: string,
  at: readonly [number, number] | null = null,
  children: readonly AnatomyNode[] = [],
): AnatomyNode {
  const [offset, length] = at ?? [null, null];
  return { label, value: '', offset, length, state: 'none', help: '', children };
}

const TREE = [
  node(
    'Header',
    [100, 50],
    [node('Signature', [100, 4]), node('Entry', [110, 8]), node('Entry', [118, 8])],
  ),
  node('Metadata', [400, 100], [node('Item', [420, 8], [node('Table entry', [404, 16])])]),
];

test('only what is open is in sight, with level and place among siblings', () => {
  const rows = treeRows(TREE, new Set(['Header']));
  assert.deepEqual(
    rows.map(({ node: { label }, level, position, siblings, expanded }) => [
      label,
      level,
      position,
      siblings,
      expanded,
    ]),
    [
      ['Header', 1, 1, 2, true],
      ['Signature', 2, 1, 3, false],
      ['Entry', 2, 2, 3, false],
      ['Entry', 2, 3, 3, false],
      ['Metadata', 1, 2, 2, false],
    ],
  );
});

test('siblings of one name have keys of their own, which lead back to what holds them', () => {
  const keys = treeRows(TREE, new Set(['Header'])).map(({ key }) => key);
  assert.equal(new Set(keys).size, keys.length);
  assert.deepEqual(keys.map(parentKey), ['', 'Header', 'Header', 'Header', '']);
  // A node that came before it does not rename it.
  const [first] = treeRows([node('Metadata')], new Set());
  assert.equal(first?.key, keys[4]);
});

test('an open node without children is not open, and a closed one hides what is open in it', () => {
  const inner = treeRows(TREE, new Set(['Header', 'Metadata'])).find(
    ({ node: { label } }) => label === 'Item',
  );
  const open = new Set(['Metadata', inner?.key ?? '', 'Header\nSignature']);
  assert.deepEqual(
    treeRows(TREE, open).map(({ node: { label } }) => label),
    ['Header', 'Metadata', 'Item', 'Table entry'],
  );
  open.delete('Metadata');
  assert.equal(treeRows(TREE, open).length, 2);
});

test('a byte belongs to the innermost field that holds it, wherever that is in the tree', () => {
  const labels = (offset: number, length = 1): readonly string[] =>
    fieldAt(TREE, offset, length)?.labels ?? [];
  assert.deepEqual(labels(101), ['Header', 'Signature']);
  assert.deepEqual(labels(104), ['Header']);
  assert.deepEqual(labels(149), ['Header']);
  assert.deepEqual(labels(150), []);
  // Its field lies outside of the item that it is a part of.
  assert.deepEqual(labels(405), ['Metadata', 'Item', 'Table entry']);
  // Of bytes that are marked, what holds all of them.
  assert.deepEqual(labels(100, 4), ['Header', 'Signature']);
  assert.deepEqual(labels(100, 5), ['Header']);
  assert.deepEqual(labels(140, 20), []);
});

test('the key of a field that is found is that of its row', () => {
  const open = new Set(['Header', 'Metadata', 'Metadata\nItem']);
  const rows = treeRows(TREE, open);
  for (const [offset, label] of [
    [119, 'Entry'],
    [405, 'Table entry'],
    [499, 'Metadata'],
  ] as const) {
    const row = rows.find(({ key }) => key === fieldAt(TREE, offset, 1)?.key);
    assert.equal(row?.node.label, label);
    assert.ok(row.node.offset !== null && offset >= row.node.offset);
  }
});
