import { delay } from '../base/abort.ts';

/** Time and processes as the lease sees them; tests bring their own. */
export interface LeaseClock {
  /** Milliseconds since 1970. */
  now(): number;
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
  /** Whether a process of this machine lives. */
  isAlive(pid: number): boolean;
}

export const systemLeaseClock: LeaseClock = {
  now: () => Date.now(),
  wait: delay,
  isAlive: (pid) => {
    try {
      // Signal 0 asks only; works on Windows too.
      process.kill(pid, 0);
      return true;
    } catch (error) {
      // EPERM: it lives, and is someone else's.
      return (error as { readonly code?: unknown }).code !== 'ESRCH';
    }
  },
};
