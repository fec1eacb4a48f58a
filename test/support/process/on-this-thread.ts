import { setImmediate as turn } from 'node:timers/promises';
import { mayStayOnThread } from '../../../src/engine/source/files/quick-calls.ts';

/** More steps than a read takes that needs no other thread. */
const STEPS = 100;

/**
 * Waits for a turn of the event loop that has just begun, in which short calls may be made on this thread: the turn that is running may have
 * no time left.
 */
export async function freshTurn(): Promise<void> {
  while (mayStayOnThread()) continue;
  do await turn();
  while (!mayStayOnThread());
}

/** Whether work ends before the event loop comes round, that is without another thread. */
export async function endsOnThisThread(work: Promise<unknown>): Promise<boolean> {
  let ended = false;
  const end = (): void => {
    ended = true;
  };
  work.then(end, end);
  for (let i = 0; i < STEPS; i++) await Promise.resolve();
  return ended;
}

/** Waits until `read` ends on this thread; false if it never does in many turns. */
export async function getsQuick(read: () => Promise<unknown>): Promise<boolean> {
  for (let i = 0; i < 1000; i++) {
    await freshTurn();
    const work = read();
    const ended = await endsOnThisThread(work);
    await work;
    if (ended) return true;
  }
  return false;
}
