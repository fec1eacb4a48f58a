import type { TestContext } from 'node:test';

type Work = () => unknown;

const stacks = new WeakMap<TestContext, Work[]>();

/**
 * Has `work` done when the test ends, the last first: what was opened in a folder is closed before the folder goes. `t.after`
 * does the first first, and nothing more once one has failed, which leaves servers open and the test file running for ever.
 */
export function afterwards(t: TestContext, work: Work): void {
  const known = stacks.get(t);
  if (known !== undefined) {
    known.push(work);
    return;
  }
  const stack = [work];
  stacks.set(t, stack);
  t.after(async () => {
    const failures: unknown[] = [];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      try {
        await next();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, 'Several could not be ended');
  });
}
