/** What long work reports. Drawing and throttling are elsewhere; counting must cost nothing. */
export interface Progress {
  /**
   * A new phase begins; `total` bytes are expected in it, 0 where that is unknown. `share`: how many bytes of the whole it stands
   * for, if not its total.
   */
  phase(name: string, total: number, share?: number): void;
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
