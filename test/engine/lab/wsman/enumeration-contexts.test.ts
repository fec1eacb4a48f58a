import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EnumerationContexts } from '../../../../src/engine/lab/wsman/enumeration-contexts.ts';

const enumeration = { resourceUri: 'r', maxElements: 1, maxEnvelopeSize: 8192, items: ['a', 'b'] };

test('a context is forgotten after a minute without a pull, and lives on with pulls', () => {
  let now = 0;
  const contexts = new EnumerationContexts(() => now);
  const context = contexts.add(enumeration, 1);
  now = 59_000;
  assert.equal(contexts.use(context).next, 1);
  now = 118_000;
  assert.equal(contexts.use(context).next, 1);
  now = 178_001;
  assert.throws(() => contexts.use(context), { kind: 'invalidContext' });
});

test('no more enumerations are open than a host allows; forgotten ones make room', () => {
  let now = 0;
  const contexts = new EnumerationContexts(() => now);
  for (let i = 0; i < 1500; i++) contexts.add(enumeration, 0);
  assert.throws(() => contexts.add(enumeration, 0), { name: 'CimFault' });
  now = 60_001;
  assert.ok(contexts.add(enumeration, 0));
});
