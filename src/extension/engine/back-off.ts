/** How long to wait before the engine is started again after `crashes` in a row: 0, 1, 2, 4 … 30 s. */
export function backOffMs(crashes: number): number {
  return crashes <= 1 ? 0 : Math.min(30_000, 1000 * 2 ** (crashes - 2));
}

/** An engine that lived this long did not crash for the same reason. */
export const STABLE_MS = 60_000;
