export type Subformat = 'fixed' | 'dynamic' | 'differencing';

/** The parent that a new differencing image names. */
export interface NewParent {
  /** {@link DiskImage.identity} of the parent. */
  readonly identity: string | undefined;
  /** Name of the format's row in `formats.ts`; undefined: an image that stores it leaves it out. */
  readonly format?: string;
  readonly size: number;
  /** Path of the parent's file from the child's folder, in the separators of this system. */
  readonly relativePath: string | undefined;
  readonly absolutePath: string | undefined;
}

/** The virtual disk of a new image. A format rejects what it cannot store: `disk.write.argument`. */
export interface NewDisk {
  /** Virtual size in bytes. */
  readonly size: number;
  readonly subformat: Subformat;
  readonly logicalSectorSize?: number;
  readonly physicalSectorSize?: number;
  /** Bytes per block (or cluster); undefined: the format's choice for the size. */
  readonly blockSize?: number;
  /** Identity of the virtual disk; undefined: a new one. */
  readonly diskId?: string;
  /**
   * Rounds the virtual size up to a multiple of this many bytes; absent: one sector. Azure accepts
   * VHDs of whole MiB only. Formats other than VHD ignore it.
   */
  readonly sizeUnit?: number;
  /** Only, and always, if the subformat is differencing. */
  readonly parent?: NewParent;
  /** Items of other programs; a format without such items drops them. */
  readonly userItems?: readonly UserItem[];
}

/** Data of another program in an image, under a GUID of its own (user metadata of VHDX). */
export interface UserItem {
  readonly id: string;
  /** Made by a user of the disk; otherwise by the system that made the image. */
  readonly isUser: boolean;
  /** Describes the virtual disk and not the file. */
  readonly isVirtualDisk: boolean;
  readonly bytes: Uint8Array;
}

export interface WrittenImage {
  /** Size of the file in bytes. */
  readonly fileSize: number;
  /** Bytes passed to `write`. */
  readonly payloadBytes: number;
  /** Identity that a child of this image must record; undefined if the format does not store it. */
  readonly identity: string | undefined;
  readonly blockSize: number | undefined;
}

/**
 * Writes a new image in one pass over a PartWriter: the file is not an image before `complete`
 * returns. `write` and `zero` take whole logical sectors in any order, each sector once; calls may
 * overlap in time. What is neither written nor zeroed reads as zeros, or as the parent. After a
 * failure only `abandon` is allowed.
 */
export interface ImageWriter {
  write(offset: number, bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  /** Makes a range read as zeros; in a differencing image it hides the parent. */
  zero(start: number, length: number): void;
  /** Writes the rest and every table, makes the file durable and gives it its name. */
  complete(signal: AbortSignal): Promise<WrittenImage>;
  /** Leaves nothing behind. May be called at any time, also after a failure. */
  abandon(): Promise<void>;
  /**
   * Lends the file for writes outside of Node; undefined, or absent, if that is not possible. Until
   * it is released no other method may be called.
   */
  borrow?(): BorrowedImage | undefined;
}

/** A block of the disk and its place in the file. */
export interface PlacedBlock {
  readonly block: number;
  readonly offset: number;
}

/** The file of a new image, lent to code that writes its data outside of Node. */
export interface BorrowedImage {
  readonly fd: number;
  readonly name: string;
  /** Bytes of a block; 0 if data lies in the file at `end` + its offset on the disk. */
  readonly blockSize: number;
  /** Offset of the first new block in the file, or of the disk if there are no blocks. */
  readonly end: number;
  /** Records blocks that were written, each once. What they lack reads as zeros. */
  adopt(blocks: readonly PlacedBlock[]): void;
  /** Returns the file: the offset behind its last block, and the bytes of data written. */
  release(end: number, storedBytes: number): void;
}

/** The file of a new differencing image: adopted blocks hold nothing until their sectors are recorded. */
export interface BorrowedChild extends BorrowedImage {
  /** Records whole sectors, each once: stored in an adopted block, or zeros that hide the parent. */
  record(start: number, length: number, kind: 'data' | 'zero'): void;
}
