import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TraceNode } from '../../../../src/engine/api/trace.ts';
import { escapeXml } from '../../../../src/engine/cim/xml/xml-writer.ts';
import { exchangeBody } from '../../../../src/engine/trace/read/exchange-body.ts';

const shape = ({ name, value, children }: TraceNode): unknown =>
  children.length === 0 ? `${name}=${value}` : [name, ...children.map(shape)];

test('an envelope becomes a tree of names and values, with the documents in its texts', () => {
  const instance =
    '<INSTANCE CLASSNAME="X"><PROPERTY NAME="A"><VALUE>1 &lt; 2</VALUE></PROPERTY></INSTANCE>';
  const body = exchangeBody(
    `<s:E xmlns:s="urn:s"><s:B a="1"><p xmlns="urn:p">${escapeXml(instance)}</p><q/><r>x &lt; y</r></s:B></s:E>`,
    0,
  );
  assert.deepEqual(body.tree && shape(body.tree), [
    'E',
    ['B', ['p', ['INSTANCE', ['PROPERTY', 'VALUE=1 < 2']]], 'q=', 'r=x < y'],
  ]);
  assert.deepEqual(body.tree?.children[0]?.attributes, [['a', '1']]);
  assert.equal(
    body.text.split('\n').filter((line) => /^ {4}<(?:p|q|r)/.test(line)).length,
    3,
    body.text,
  );
});

test('an answer that is not XML is text with a reason', () => {
  for (const text of ['<html><br></html>', 'busy', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>']) {
    const body = exchangeBody(text, 7);
    assert.equal(body.tree, null);
    assert.notEqual(body.problem, null);
    assert.equal(body.text, text);
    assert.equal(body.cut, 7);
  }
  assert.deepEqual(exchangeBody('', 0), { text: '', cut: 0, tree: null, problem: null });
});

test('a message of SMB in words becomes a tree of its facts', () => {
  const text = 'READ\n  file: D$\\a: b.vhdx\n  offset: 0\n  odd';
  const body = exchangeBody(text, 0, 'smb');
  assert.equal(body.text, text);
  assert.equal(body.problem, null);
  assert.deepEqual(body.tree && shape(body.tree), [
    'READ',
    'file=D$\\a: b.vhdx',
    'offset=0',
    'odd=',
  ]);
});

test('deep nesting and documents inside of documents are bounded', () => {
  const deep = exchangeBody(`${'<a>'.repeat(5000)}${'</a>'.repeat(5000)}`, 0);
  assert.match(deep.problem ?? '', /depth/);
  let inside = '<a>1</a>';
  for (let i = 0; i < 10; i++) inside = `<a>${escapeXml(inside)}</a>`;
  let depth = 0;
  for (let at = exchangeBody(inside, 0).tree; at !== null; at = at.children[0] ?? null) depth++;
  assert.equal(depth, 5);
});
