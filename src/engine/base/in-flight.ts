/**
 * Runs `task` over `items` with at most `limit` in flight, and takes the next item only when a task
 * ends. After a failure takes no more items, waits for the running tasks, then throws the first
 * failure.
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
  // A single waiter for the next task to end. Promise.race would add a reaction to every running
  // task for each item.
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

/**
 * Runs `task` over `items` with at most `limit` in flight, and yields the results in the order of
 * the items. A failure is thrown at its place in the order. Waits for the running tasks before it
 * ends.
 */
export async function* inOrder<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  limit: number,
  task: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const running: Promise<R>[] = [];
  try {
    for await (const item of items) {
      const result = task(item);
      // The failure is thrown when its turn comes; until then it must not count as unhandled.
      result.catch(() => undefined);
      running.push(result);
      if (running.length >= limit) yield await (running.shift() as Promise<R>);
    }
    while (running.length > 0) yield await (running.shift() as Promise<R>);
  } finally {
    await Promise.allSettled(running);
  }
}
