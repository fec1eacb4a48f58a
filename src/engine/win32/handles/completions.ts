import { never } from '../../base/abort.ts';
import { kernel32, lastError } from '../library/kernel32.ts';
import { callFailed } from '../words/call-failed.ts';
import { heldCall } from './held-call.ts';

/** Events that one call can wait for (MAXIMUM_WAIT_OBJECTS), apart from the one that wakes it. */
const MAX_EVENTS = 63;
const EVENT_BYTES = 8;
const WAIT_FAILED = 0xffffffff;
/** A wait ends after this time, so that no thread is taken for long, and starts again. */
const WAIT_MS = 1000;

interface Waiter {
  /** Returns whether its call has ended. */
  readonly ended: () => boolean;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

const waiters = new Map<bigint, Waiter>();
let wake: bigint | undefined;
let waiting = false;
let running: Promise<void> | undefined;

/**
 * Waits for the end of an overlapped call. All of the process wait in one call of one thread, however
 * many are in flight, so that libuv's pool stays free.
 *
 * @param event set by Windows when the call ends
 */
export function completion(event: bigint, ended: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    waiters.set(event, { ended, resolve, reject });
    if (running === undefined) running = run();
    else if (waiting && wake !== undefined) kernel32('SetEvent')(wake);
  });
}

async function run(): Promise<void> {
  try {
    while (waiters.size > 0) {
      await waitOnce();
      settle();
    }
  } catch (error) {
    for (const { reject } of waiters.values()) reject(error as Error);
    waiters.clear();
  } finally {
    running = undefined;
  }
}

async function waitOnce(): Promise<void> {
  wake ??= createEvent(false);
  const events = [wake, ...Array.from(waiters.keys()).slice(0, MAX_EVENTS)];
  const handles = Buffer.alloc(events.length * EVENT_BYTES);
  for (const [i, event] of events.entries()) handles.writeBigUInt64LE(event, i * EVENT_BYTES);
  waiting = true;
  try {
    const args = [events.length, handles, 0, WAIT_MS];
    const { result, error } = await heldCall(kernel32('WaitForMultipleObjects'), args, never);
    if (result === WAIT_FAILED) throw callFailed('WaitForMultipleObjects', error, 'reads');
  } finally {
    waiting = false;
  }
}

function settle(): void {
  for (const [event, waiter] of waiters) {
    if (!waiter.ended()) continue;
    waiters.delete(event);
    waiter.resolve();
  }
}

/** Creates an event. @param manual stays set until it is reset */
export function createEvent(manual: boolean): bigint {
  const event = BigInt(kernel32('CreateEventW')(null, manual ? 1 : 0, 0, null) as number | bigint);
  if (event === 0n) throw callFailed('CreateEventW', lastError(), 'an event');
  return event;
}
