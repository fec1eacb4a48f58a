/** A signal that never fires, for callers that cannot be cancelled (tests, the end of a process). */
export const never: AbortSignal = new AbortController().signal;

/** Waits, or throws the signal's reason at once. */
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

/** Whether `error` is the reason of this signal: the work was cancelled, not broken. */
export function isAbort(error: unknown, signal: AbortSignal): boolean {
  return (
    signal.aborted && (error === signal.reason || (error as Error | null)?.name === 'AbortError')
  );
}

/** A signal that fires `milliseconds` after `signal` does. `release` ends the wait. */
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
