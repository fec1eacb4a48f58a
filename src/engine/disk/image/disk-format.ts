import type { Progress } from '../../base/progress.ts';
import type { ByteSource, ByteStorage, PartWriter } from '../../source/byte-source.ts';
import type { LoadBudget } from '../../source/load-budget.ts';
import type { Defect } from '../inspect/defect.ts';
import type { ImageEditor } from './image-editor.ts';
import type { ImageRepairs } from './image-repairs.ts';
import type { ImageSurvey } from './image-survey.ts';
import type { ImageWriter, NewDisk, NewParent, Subformat } from './image-writer.ts';
import type { DiskImage } from './image.ts';

export interface OpenImageOptions {
  /** Reads the file without the changes in its log, for rescue. */
  readonly ignoreLog?: boolean;
  /** Memory for cached tables, shared by the images of a chain; private if absent. */
  readonly budget?: LoadBudget;
}

/** Bytes at a fixed place that identify a format. */
export interface Signature {
  /** Offset in the file; negative: from its end. */
  readonly at: number;
  /** The bytes, one per character; at most 64. */
  readonly text: string;
}

/** Properties of the new images that a format can store. */
export interface WriteAbility {
  /** The first one is the default of a new image without parent. */
  readonly subformats: readonly Subformat[];
  readonly logicalSectorSizes: readonly number[];
  /** Bytes per block or cluster, ascending; empty if the format has no choice. */
  readonly blockSizes: readonly number[];
  /**
   * Creates the writer of a new image; writes nothing yet. Throws `disk.write.argument` for a disk
   * that the format cannot store.
   */
  create(parts: PartWriter, disk: NewDisk): ImageWriter;
}

/**
 * Changes of an image in place. A crash, an error or a cancellation at any byte leaves the old
 * state, or one that reads the same.
 */
export interface InPlaceEdits {
  /** Opens an image for changes of its contents. The storage stays open when the editor is closed. */
  open(storage: ByteStorage, signal: AbortSignal): Promise<ImageEditor>;
  /**
   * Merges a child into its parent; both must be held exclusively. Running it again completes an
   * interrupted merge. Returns the number of bytes copied.
   */
  merge(
    child: ByteStorage,
    parent: ByteStorage,
    progress: Progress,
    signal: AbortSignal,
  ): Promise<{ readonly copied: number }>;
  /** Replaces the link of a child to its parent. The contents and the child's identity stay. */
  relink(child: ByteStorage, parent: NewParent, signal: AbortSignal): Promise<void>;
}

/**
 * A format of disk images: a row of `formats.ts`. A new format is a folder with its row. A file is
 * detected by its signatures, of which one suffices; without any of them by its ending.
 */
export interface DiskFormat {
  /** In options and documents: `vhdx`. */
  readonly name: string;
  /** In messages, with its article: `a VHDX`. */
  readonly title: string;
  /** Endings of file names, in lower case with the dot; the first one is that of a new image. */
  readonly endings: readonly string[];
  /** Empty for a format that every file is. */
  readonly signatures: readonly Signature[];
  /** Opens and validates one image, without its parent. Closes `source` on failure. */
  open(source: ByteSource, options: OpenImageOptions, signal: AbortSignal): Promise<DiskImage>;
  /** Reads the readable parts of an image, however damaged. `source` is closed with the survey. */
  survey(source: ByteSource, options: OpenImageOptions, signal: AbortSignal): Promise<ImageSurvey>;
  /**
   * Reads what {@link DiskImage.identity} returns from the smallest part of the file, so that a file
   * that is not the parent need not be valid. Leaves `source` open.
   */
  identify(source: ByteSource, signal: AbortSignal): Promise<string | undefined>;
  /**
   * Yields every broken rule of the file by itself, without its parents, in the order found. Absent
   * for a format without structure. Leaves `source` open.
   */
  check?(source: ByteSource, signal: AbortSignal): AsyncIterable<Defect>;
  /**
   * Returns the path of the file that holds the contents of an image without any of its own;
   * undefined if it is missing. Absent for formats that hold contents.
   */
  contents?(source: ByteSource, signal: AbortSignal): Promise<string | undefined>;
  /** Undefined if the format is only read. */
  readonly writes: WriteAbility | undefined;
  /** Absent if images of the format are not changed in place. */
  readonly edits?: InPlaceEdits;
  /** Absent if nothing of the format is repaired. */
  readonly repairs?: ImageRepairs;
}
