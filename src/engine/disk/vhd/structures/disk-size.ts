import { geometryBytes, isSaturated } from './geometry.ts';
import type { VhdFooter } from './footer.ts';

/** Virtual size of a disk and the field of the footer that gives it. */
export interface DiskSize {
  readonly size: number;
  readonly rule: 'current size' | 'geometry';
  /** Size by the other rule, if programs exist that use it for this creator; else undefined. */
  readonly other: number | undefined;
}

/** Creators whose disks every program reads by the current size (qemu 7.2, `block/vpc.c`). */
const CURRENT_SIZE = ['win ', 'qem2', 'd2v ', 'd2v\0', 'CTXS', 'tap\0', 'tap '];

/**
 * Returns the virtual size of a disk. Windows reads the current size whatever the creator; its own
 * disks have a geometry that rounds down. Virtual PC showed its guests the geometry, and qemu reads
 * the geometry of creators that it does not know.
 *
 * The current size holds unless the file contradicts it: a disk of Virtual PC (`vpc `) whose file
 * has room for the geometry only.
 * @param room largest virtual size that the file can hold: its data, or its BAT
 */
export function diskSize(footer: VhdFooter, room: number): DiskSize {
  const { currentSize, geometry, creatorApplication } = footer;
  const chs = geometryBytes(geometry);
  const differs = chs !== currentSize && chs > 0 && !isSaturated(geometry);
  const other = differs && !CURRENT_SIZE.includes(creatorApplication) ? chs : undefined;
  if (creatorApplication === 'vpc ' && other !== undefined && currentSize > room && chs <= room) {
    return { size: chs, rule: 'geometry', other: currentSize };
  }
  return { size: currentSize, rule: 'current size', other };
}
