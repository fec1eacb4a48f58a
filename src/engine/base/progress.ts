/**
 * Progress reports of long work. Reporters count only, which must cost nothing; listeners draw and
 * throttle.
 */
export interface Progress {
  /**
   * Begins a phase of `total` expected bytes; 0 if not known. `share`: bytes that the phase stands
   * for in the whole work; `total` if omitted.
   */
  phase(name: string, total: number, share?: number): void;
  /**
   * Continues the phase after the set of parallel pieces changed: their names, the bytes expected
   * of all pieces since the phase began, the bytes that they stand for in the whole work, and the
   * bytes done so far.
   */
  regroup?(names: readonly string[], total: number, share: number, done: number): void;
  /** Sets the total bytes of the whole work, as soon as it is known. */
  whole?(bytes: number): void;
  /** Adds `bytes` to the bytes done in the phase. */
  advance(bytes: number): void;
  /** Reports one line of text about the current work. */
  note(text: string): void;
}

export const noProgress: Progress = {
  phase: () => undefined,
  advance: () => undefined,
  note: () => undefined,
};

/**
 * Continues a phase with `regroup`, or begins a new phase if `progress` does not have that method.
 */
export function regroup(
  progress: Progress,
  names: readonly string[],
  total: number,
  share: number,
  done: number,
): void {
  if (progress.regroup !== undefined) return progress.regroup(names, total, share, done);
  progress.phase(names.join(', '), total, share);
  if (done > 0) progress.advance(done);
}
