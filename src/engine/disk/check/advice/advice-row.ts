/** Advice about one code, for people: the catalogue `docs/disk-findings.md` is made of it. */
export interface Advice {
  /** Meaning of the finding. */
  readonly means: string;
  /** Behaviour of Windows with such a file. */
  readonly windows: string;
  /** Action that one can take. */
  readonly fix: string;
}
