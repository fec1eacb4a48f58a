/**
 * Runs `task` over `items` with at most `limit` in flight, pulling items only as places free up.
 * The first failure stops the pulling, is awaited together with what still runs, and is thrown.
 */
export async function forEachInFlight<T>(
  items: Iterable<T> | AsyncIterable<T>,
  limit: number,
  task: (item: T) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const failures: unknown[] = [];
  const now = { running: 0 };
  let tell: (() => void) | undefined;
  const ended = (): void => {
    now.running--;
    tell?.();
  };
  const failed = (error: unknown): void => {
    failures.push(error);
    ended();
  };
  // One waits at a time, for whichever ends next: a race of all of them would add to each for every item.
  const oneEnds = (): Promise<void> =>
    new Promise((resolve) => {
      tell = resolve;
    });
  try {
    for await (const item of items) {
      signal.throwIfAborted();
      if (failures.length > 0) break;
      now.running++;
      task(item).then(ended, failed);
      if (now.running >= limit) await oneEnds();
    }
  } finally {
    while (now.running > 0) await oneEnds();
  }
  if (failures.length > 0) throw failures[0];
}
