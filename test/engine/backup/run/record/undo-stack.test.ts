import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  UndoStack,
  type DropStep,
  type UndoStep,
} from '../../../../../src/engine/backup/run/record/undo-stack.ts';
import type { Log } from '../../../../../src/engine/base/log.ts';

interface Stacked {
  readonly stack: UndoStack;
  readonly done: string[];
  readonly logged: string[];
  readonly log: Log;
  readonly drops: readonly DropStep[];
}

function stackOf(...steps: readonly Partial<UndoStep>[]): Stacked {
  const done: string[] = [];
  const logged: string[] = [];
  const stack = new UndoStack();
  const drops = steps.map((step) => {
    const what = step.what ?? '';
    const run = async (): Promise<void> => void done.push(what);
    return stack.push({ what, needsLease: false, run, ...step });
  });
  return { stack, done, logged, log: ({ message }) => void logged.push(message), drops };
}

const held = async (): Promise<void> => undefined;
const lost = async (): Promise<void> => {
  throw new Error('the lease is lost');
};

test('what was made last is taken back first, and nothing twice', async () => {
  const { stack, done, log } = stackOf({ what: 'a' }, { what: 'b' });
  await stack.unwind(held, log);
  await stack.unwind(held, log);
  assert.deepEqual(done, ['b', 'a']);
});

test('a step that fails is logged and keeps no other from being taken back', async () => {
  const run = async (): Promise<void> => {
    throw new Error('the host is gone');
  };
  const { stack, done, logged, log } = stackOf({ what: 'a' }, { what: 'the checkpoint', run });
  await stack.unwind(held, log);
  assert.deepEqual(done, ['a']);
  assert.match(logged.join(), /the checkpoint could not be removed now: the host is gone/);
});

test('the end of work on the host ends its steps, and no other', async () => {
  const ended = AbortSignal.abort(new Error('the run was cancelled'));
  const throws = async (signal: AbortSignal): Promise<void> => signal.throwIfAborted();
  const { stack, logged, log } = stackOf(
    { what: 'the set', onHost: true, run: throws },
    { what: 'the folder', run: throws },
  );
  await stack.unwind(held, log, ended);
  assert.deepEqual(logged, [
    'After the failure, the set could not be removed now: the run was cancelled',
  ]);
});

test('without the lease only what needs none is taken back', async () => {
  const { stack, done, logged, log } = stackOf(
    { what: 'the folder', needsLease: true },
    { what: 'the checkpoint' },
  );
  await stack.unwind(lost, log);
  assert.deepEqual(done, ['the checkpoint']);
  assert.match(logged.join(), /the lease is lost/);
});

test('a committed point keeps what belongs to it; what was dropped is not touched', async () => {
  const { stack, done, log, drops } = stackOf(
    { what: 'folder' },
    { what: 'export', afterCommit: true },
    { what: 'other export', afterCommit: true },
  );
  stack.commit();
  drops[2]?.();
  await stack.unwind(held, log);
  assert.deepEqual(done, ['export']);
});
