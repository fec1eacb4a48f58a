/** Check of a disk image: the broken rules of a file, and of the chain of its parents. */

export interface DiskCheckRequest {
  /** Absolute path of the image. */
  readonly path: string;
  /** Checks its parents too, and how they fit together. */
  readonly chain: boolean;
  /** Name of the format, instead of detecting it. */
  readonly format?: string;
  /** Folders that are searched first for parents. */
  readonly search?: readonly string[];
}

export interface DiskCheck {
  /** Errors first, then warnings. At most 24 of each code and file are listed. */
  readonly findings: readonly CheckFinding[];
}

/** A broken rule; docs/disk-findings.md documents its code. */
export interface CheckFinding {
  readonly code: string;
  readonly severity: 'error' | 'warning' | 'info';
  readonly message: string;
  /** The file that it is about. */
  readonly path: string;
  /** Offset in that file, in bytes. */
  readonly offset?: number;
  /** Part of the virtual disk that it hits, in bytes. */
  readonly range?: { readonly start: number; readonly length: number };
  readonly structure?: string;
  readonly field?: string;
  readonly found?: string | number;
  readonly expected?: string | number;
  /** Document and section of the rule. */
  readonly section?: string;
  /** Action that one can take. */
  readonly fix?: string;
}
