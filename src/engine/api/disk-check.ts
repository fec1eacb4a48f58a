/**
 * Check of a disk image: the broken rules of a file, and of the chain of its parents. Repair and
 * rescue of damaged images: what changes, what stays, what is lost.
 */
import type { LostRange } from './disk-contents.ts';

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

/** A defect that is repaired. */
export interface RepairStep {
  /** Code of the broken rule, as `disk check` names it. */
  readonly code: string;
  /** Offset of its first place in the file, in bytes. */
  readonly offset: number;
  /** Action, as a sentence that begins with a verb, without a full stop. */
  readonly what: string;
}

export interface RepairRequest {
  /** Absolute path of the image. */
  readonly path: string;
  /** Absolute path of the repaired copy; null: `NAME.repaired.EXT` beside the image. */
  readonly to: string | null;
  /** Repairs the image itself; its old bytes go into an undo record first. */
  readonly inPlace: boolean;
  /** Replaces an existing copy. */
  readonly replace: boolean;
  /** False: tells what would be done. */
  readonly confirmed: boolean;
}

export interface Repaired {
  readonly path: string;
  /** The repaired image: a copy, or the image itself. */
  readonly target: string;
  readonly done: readonly RepairStep[];
  /** Steps that a confirmed repair would do. */
  readonly would: readonly RepairStep[];
  /** Errors and warnings of the repaired image. */
  readonly left: readonly CheckFinding[];
  /** File with the old bytes, after a repair in place that changed something; else null. */
  readonly undo: string | null;
}

export interface UndoneRepair {
  readonly path: string;
  readonly record: string;
  /** Size of the image again, in bytes. */
  readonly fileSize: number;
  readonly changes: number;
}

export interface RescueRequest {
  /** Absolute path of the damaged image, which does not change. */
  readonly path: string;
  /** Absolute path of the new image; its ending names the format. */
  readonly to: string;
  /** Replaces an existing file. */
  readonly replace: boolean;
}

export interface RescuedImage {
  /** The new image. */
  readonly file: string;
  readonly format: string;
  readonly virtualSize: number;
  /** The parts that became zeros because they could not be read; at most 1000. */
  readonly lost: readonly LostRange[];
  /** Total of all of them. */
  readonly lostBytes: number;
}
