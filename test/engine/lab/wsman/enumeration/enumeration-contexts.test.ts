import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ItemQueue } from '../../../../../src/engine/lab/wsman/enumeration/item-queue.ts';
import { EnumerationContexts } from '../../../../../src/engine/lab/wsman/enumeration/enumeration-contexts.ts';

const items = new ItemQueue(['a', 'b']);
const enumeration = { resourceUri: 'r', maxElements: 1, maxEnvelopeSize: 8192, items };

test('a context is forgotten after a minute without a pull, and lives on with pulls', () => {
  let now = 0;
  const contexts = new EnumerationContexts(() => now);
  const context = contexts.add(enumeration);
  now = 59_000;
  assert.equal(contexts.use(context).items, items);
  now = 118_000;
  assert.equal(contexts.use(context).items, items);
  now = 178_001;
  assert.throws(() => contexts.use(context), { kind: 'invalidContext' });
});

test('no more enumerations are open than a host allows; forgotten ones make room', () => {
  let now = 0;
  const contexts = new EnumerationContexts(() => now);
  for (let i = 0; i < 1500; i++) contexts.add(enumeration);
  assert.throws(() => contexts.add(enumeration), { name: 'CimFault' });
  now = 60_001;
  assert.ok(contexts.add(enumeration));
});
