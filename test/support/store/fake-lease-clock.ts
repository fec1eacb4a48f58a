import type { LeaseClock } from '../../../src/engine/backup/lease/lease-clock.ts';

/** Time that passes only when a test says so. */
export class FakeLeaseClock implements LeaseClock {
  readonly alive = new Set<number>();
  /** Starts of processes by PID. */
  readonly starts = new Map<number, string>();
  /** Added to this machine's idea of the time. */
  skew = 0;
  #time: FakeTime;

  constructor(time: FakeTime, alive: readonly number[]) {
    this.#time = time;
    for (const pid of alive) this.alive.add(pid);
  }

  now(): number {
    return this.#time.now + this.skew;
  }

  wait(milliseconds: number, signal: AbortSignal): Promise<void> {
    return this.#time.wait(milliseconds, signal, this);
  }

  isAlive(pid: number): boolean {
    return this.alive.has(pid);
  }

  startOf(pid: number): Promise<string | null> {
    return Promise.resolve(this.starts.get(pid) ?? null);
  }
}

interface Timer {
  readonly due: number;
  readonly clock: FakeLeaseClock;
  readonly fire: () => void;
}

/** The one time behind the clocks of several machines. */
export class FakeTime {
  now = Date.parse('2026-11-22T14:00:00Z');
  /** Clocks of machines that sleep: their timers do not fire. */
  readonly asleep = new Set<FakeLeaseClock>();
  readonly #timers = new Set<Timer>();

  wait(milliseconds: number, signal: AbortSignal, clock: FakeLeaseClock): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        this.#timers.delete(timer);
        reject(signal.reason as Error);
      };
      const fire = (): void => {
        signal.removeEventListener('abort', stop);
        this.#timers.delete(timer);
        resolve();
      };
      const timer = { due: this.now + milliseconds, clock, fire };
      if (signal.aborted) return stop();
      signal.addEventListener('abort', stop, { once: true });
      this.#timers.add(timer);
      return undefined;
    });
  }

  /** Lets time pass, firing what comes due in order, each with all that follows from it. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.now + milliseconds;
    await settle();
    for (;;) {
      const next = [...this.#timers]
        .filter((timer) => timer.due <= end && !this.asleep.has(timer.clock))
        .sort((a, b) => a.due - b.due)[0];
      if (next === undefined) break;
      this.now = Math.max(this.now, next.due);
      next.fire();
      await settle();
    }
    this.now = end;
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
}
