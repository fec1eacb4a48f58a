/** Handle of an open file (MS-SMB2 2.2.14.1): two opaque 64-bit numbers. */
export interface FileId {
  readonly persistent: bigint;
  readonly volatile: bigint;
}

const ONES = 0xffff_ffff_ffff_ffffn;

/**
 * All ones: in a related request the file of the request before; in an IOCTL that concerns the
 * whole connection no file.
 */
export const NO_FILE: FileId = { persistent: ONES, volatile: ONES };

export const sameFileId = (a: FileId, b: FileId): boolean =>
  a.persistent === b.persistent && a.volatile === b.volatile;
