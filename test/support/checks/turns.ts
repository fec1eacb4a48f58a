/** Turns of the event loop while something ran. Times are of this thread's processor, in milliseconds. */
export interface Turned {
  readonly turns: number;
  /** Longest time between two turns. */
  readonly longest: number;
  readonly whole: number;
}

interface CpuTime {
  readonly user: number;
  readonly system: number;
}

/** Node 24 has it, which runs the tests; the types are those of Node 22. */
const { threadCpuUsage } = process as unknown as { threadCpuUsage: () => CpuTime };

const now = (): number => {
  const { user, system } = threadCpuUsage();
  return (user + system) / 1000;
};

/** Watches the turns of the event loop until it is ended. */
export function watchTurns(): { end(): Turned } {
  const begin = now();
  let last = begin;
  let turns = 0;
  let longest = 0;
  const look = (): void => {
    const at = now();
    longest = Math.max(longest, at - last);
    last = at;
  };
  const next = (): void => {
    look();
    turns++;
    turn = setImmediate(next);
  };
  let turn = setImmediate(next);
  return {
    end: () => {
      look();
      clearImmediate(turn);
      return { turns, longest, whole: last - begin };
    },
  };
}
