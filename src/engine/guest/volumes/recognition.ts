import type { VolumeInfo } from '../../api/guest/inspection.ts';
import type { Fields } from '../bytes/fields.ts';
import type { GuestBytes } from '../bytes/guest-bytes.ts';

/** Bytes at the start of a volume that hold every superblock but those of large swap pages. */
export const HEAD_BYTES = 72 * 1024;

/**
 * Recognises one file system or container by its superblock; undefined if it is something else.
 * @param head the first HEAD_BYTES of the volume, zeros behind its end
 */
export type Recognise = (
  head: Fields,
  volume: GuestBytes,
  signal: AbortSignal,
) => Promise<VolumeInfo | undefined>;

/** Facts that most recognised volumes lack. */
export const UNKNOWN = {
  label: null,
  id: null,
  size: null,
  blockSize: null,
  dirty: null,
  encrypted: false,
  browsable: false,
} as const;
