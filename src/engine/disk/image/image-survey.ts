import type { EngineError } from '../../base/errors.ts';
import type { Defect } from '../inspect/defect.ts';
import type { Subformat } from './image-writer.ts';
import type { DiskImage } from './image.ts';

/** Number of blocks by state. */
export interface BlockCounts {
  readonly present: number;
  readonly partial: number;
  readonly zero: number;
  readonly notPresent: number;
  readonly unmapped: number;
  readonly undefined: number;
}

/** Values of an image for `disk info`; null if the format does not store it, or damage hides it. */
export interface ImageFacts {
  readonly subformat: Subformat | null;
  readonly virtualSize: number | null;
  readonly blockSize: number | null;
  readonly logicalSectorSize: number | null;
  readonly physicalSectorSize: number | null;
  /** Bytes of the file that hold blocks, in whole blocks. */
  readonly allocatedBytes: number | null;
  readonly diskId: string | null;
  /** The identity that a child records. */
  readonly dataWriteGuid: string | null;
  readonly creator: string | null;
  readonly log: 'clean' | 'dirty' | null;
  readonly blocks: BlockCounts | null;
  readonly parent: ParentFacts | null;
  /** Values of a format that no specification describes; absent for others. */
  readonly details?: readonly ImageDetail[];
}

/** A value of a structure as text. */
export interface ImageDetail {
  /** Name of the field. */
  readonly name: string;
  readonly value: string;
  /** Null if it is unknown. */
  readonly meaning: string | null;
}

export interface ParentFacts {
  /** The identity that the child recorded. */
  readonly linkage: string | null;
  readonly linkage2: string | null;
  readonly relativePath: string | null;
  readonly absolutePath: string | null;
  readonly volumePath: string | null;
}

/** Values of a format that stores nothing but contents; others replace what they know. */
export const NO_FACTS: ImageFacts = {
  subformat: null,
  virtualSize: null,
  blockSize: null,
  logicalSectorSize: null,
  physicalSectorSize: null,
  allocatedBytes: null,
  diskId: null,
  dataWriteGuid: null,
  creator: null,
  log: null,
  blocks: null,
  parent: null,
};

/** The readable parts of one image file, intact or damaged. */
export interface ImageSurvey {
  readonly name: string;
  /** Virtual size in bytes, if it is known. */
  readonly size: number | undefined;
  readonly fileSize: number;
  /** Defects of its structures. */
  readonly problems: readonly EngineError[];
  /** Broken rules in spite of which the image is read. */
  readonly notes?: readonly Defect[];
  /** The image, if its blocks can be looked up. */
  readonly image: DiskImage | undefined;
  /** Reason why no block can be trusted although blocks can be looked up. */
  readonly spoiled: EngineError | undefined;
  /** The log holds changes that were ignored on request. */
  readonly logIgnored: boolean;
  /**
   * Returns what is known; streams the block table, so that every entry is checked.
   * `wrong`: an entry is invalid.
   */
  describe(signal: AbortSignal): Promise<{ readonly facts: ImageFacts; readonly wrong: boolean }>;
  close(): Promise<void>;
}
