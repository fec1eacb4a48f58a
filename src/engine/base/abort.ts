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
