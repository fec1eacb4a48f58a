/** A signal that never fires, for callers that cannot be cancelled (tests, process shutdown). */
export const never: AbortSignal = new AbortController().signal;

/** Waits; throws the signal's reason as soon as it fires. */
export async function delay(milliseconds: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const done = (): void => {
      signal.removeEventListener('abort', stop);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', stop, { once: true });
  });
}

/**
 * Whether `error` is the reason of this signal, that is, the work was cancelled and did not fail.
 */
export function isAbort(error: unknown, signal: AbortSignal): boolean {
  return (
    signal.aborted && (error === signal.reason || (error as Error | null)?.name === 'AbortError')
  );
}

/** Returns a signal that fires `milliseconds` after `signal` does. `release` stops the timer. */
export function withGrace(
  signal: AbortSignal,
  milliseconds: number,
): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const begin = (): void => {
    timer = setTimeout(() => controller.abort(signal.reason), milliseconds);
  };
  if (signal.aborted) begin();
  else signal.addEventListener('abort', begin, { once: true });
  return {
    signal: controller.signal,
    release: () => {
      signal.removeEventListener('abort', begin);
      clearTimeout(timer);
    },
  };
}

/**
 * Returns a signal that fires as soon as one of the signals does, with its reason. `release` ends
 * that. For long work: asked whether it has fired, a signal of `AbortSignal.any` looks at each of
 * its sources, and a verification asks a hundred thousand times.
 */
export function firstOf(...signals: readonly AbortSignal[]): {
  readonly signal: AbortSignal;
  readonly release: () => void;
} {
  const controller = new AbortController();
  const fired = (event: Event): void => controller.abort((event.target as AbortSignal).reason);
  const early = signals.find(({ aborted }) => aborted);
  if (early !== undefined) controller.abort(early.reason);
  else for (const each of signals) each.addEventListener('abort', fired, { once: true });
  const release = (): void => {
    for (const each of signals) each.removeEventListener('abort', fired);
  };
  return { signal: controller.signal, release };
}
