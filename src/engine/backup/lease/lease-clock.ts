import { delay } from '../../base/abort.ts';
import { thisMachine } from './machine/this-machine.ts';

/** Time and processes as the lease sees them; replaced in tests. */
export interface LeaseClock {
  /** Milliseconds since 1970. Never used to decide that a lease is stale. */
  now(): number;
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
  /** Whether a process of this machine is alive. */
  isAlive(pid: number): boolean;
  /** Returns an identifier of the start of a process of this machine; null if unknown. */
  startOf?(pid: number): Promise<string | null>;
}

export const systemLeaseClock: LeaseClock = {
  now: () => Date.now(),
  wait: delay,
  isAlive: (pid) => {
    try {
      // Signal 0 only checks for existence; works on Windows too.
      process.kill(pid, 0);
      return true;
    } catch (error) {
      // EPERM: the process is alive and belongs to another user.
      return (error as { readonly code?: unknown }).code !== 'ESRCH';
    }
  },
  startOf: async (pid) => (await thisMachine()).startOf(pid),
};
