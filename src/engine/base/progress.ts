/** What long work reports. Drawing and throttling are elsewhere; counting must cost nothing. */
export interface Progress {
  /**
   * A new phase begins; `total` bytes are expected in it, 0 where that is unknown. `share`: how many bytes of the whole it stands
   * for, if not its total.
   */
  phase(name: string, total: number, share?: number): void;
  /**
   * The phase goes on with other pieces of work under way at once: their names, the bytes expected of all pieces since it began,
   * what they stand for of the whole, and the bytes done so far.
   */
  regroup?(names: readonly string[], total: number, share: number, done: number): void;
  /** How many bytes the phases of the whole work stand for, once that is known. */
  whole?(bytes: number): void;
  /** `bytes` more of the phase are done. */
  advance(bytes: number): void;
  /** One line for people about what is going on. */
  note(text: string): void;
}

export const noProgress: Progress = {
  phase: () => undefined,
  advance: () => undefined,
  note: () => undefined,
};

/** Goes on with a phase, or begins it anew for a progress that cannot. */
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
