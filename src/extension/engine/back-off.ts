/** Pauses before the engine is started again after that many crashes in a row; the last one for all after. */
const PAUSES_MS = [0, 0, 1000, 2000, 4000, 8000, 60_000] as const;

function backOffMs(crashes: number): number {
  return PAUSES_MS[Math.min(crashes, PAUSES_MS.length - 1)] ?? 0;
}

/** An engine that lived this long did not crash for the same reason. */
export const STABLE_MS = 60_000;

/** Maximum wait for a start; a request during a longer pause fails with that reason. */
export const PATIENCE_MS = 10_000;

/** An engine that has not answered by then will not: even a cold disk of a busy machine is faster. */
const START_MS = 60_000;

/** Time limits for the engine; tests use shorter ones. */
export interface EngineTiming {
  /** Milliseconds before the start after that many crashes in a row. */
  readonly backOff: (crashes: number) => number;
  /** Milliseconds from its spawn to its first answer. */
  readonly startMs: number;
}

export const TIMING: EngineTiming = { backOff: backOffMs, startMs: START_MS };
