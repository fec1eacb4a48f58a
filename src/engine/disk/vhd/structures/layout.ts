/**
 * VHD (Virtual Hard Disk Image Format Specification 1.0), the format before VHDX. Start reading at
 * `footer.ts`, then `dynamic-header.ts`; `../read/vhd-image.ts` puts them together. All integers
 * are big-endian. May import `inspect`, `image` and the layers below `disk`.
 *
 *     fixed                 data, footer
 *     dynamic               footer copy, dynamic header, BAT, blocks, footer
 *     differencing          the same, with the paths of the parent between header and blocks
 *
 * A block is a bitmap of its sectors, in whole sectors, followed by its data.
 */

export const SECTOR = 512;
export const FOOTER_SIZE = 512;
/** Size of the footer of Virtual PC before 2004. */
export const SHORT_FOOTER_SIZE = 511;
export const HEADER_SIZE = 1024;

/** Value of a BAT entry without a block. */
export const UNUSED = 0xffff_ffff;

/** Largest virtual disk, 2040 GiB: block numbers of sectors have 32 bits. */
export const MAX_DISK = 0xff00_0000 * SECTOR;

/** Block sizes of writers; readers accept every power of two from one sector to 1 GiB. */
export const BLOCK_SIZES = [512 * 1024, 2 * 1024 * 1024] as const;
export const DEFAULT_BLOCK = 2 * 1024 * 1024;
export const MAX_BLOCK = 2 ** 30;

/** Returns the bytes of a block's sector bitmap, padded to whole sectors. */
export const bitmapBytes = (blockSize: number): number =>
  Math.ceil(blockSize / SECTOR / 8 / SECTOR) * SECTOR;

export const blockCount = (size: number, blockSize: number): number => Math.ceil(size / blockSize);

/** Returns the bytes of a BAT, padded to whole sectors. */
export const batBytes = (entries: number): number => Math.ceil((entries * 4) / SECTOR) * SECTOR;
