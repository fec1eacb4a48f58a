import { SECTOR } from './layout.ts';

/** Cylinders, heads and sectors per track, as a BIOS sees the disk. */
export interface Geometry {
  readonly cylinders: number;
  readonly heads: number;
  readonly sectors: number;
}

/** Largest geometry; larger disks have it too. */
const SATURATED: Geometry = { cylinders: 65_535, heads: 16, sectors: 255 };

/** Returns the geometry of a disk of `size` bytes (VHD 1.0, appendix “CHS calculation”). */
export function geometryOf(size: number): Geometry {
  const all = SATURATED.cylinders * SATURATED.heads * SATURATED.sectors;
  const total = Math.min(Math.floor(size / SECTOR), all);
  if (total > 65_535 * 16 * 63) return shape(total, 16, 255);
  const tracks = Math.floor(total / 17);
  const heads = Math.max(4, Math.floor((tracks + 1023) / 1024));
  if (heads <= 16 && tracks < heads * 1024) return shape(total, heads, 17);
  if (Math.floor(total / 31) < 16 * 1024) return shape(total, 16, 31);
  return shape(total, 16, 63);
}

const shape = (total: number, heads: number, sectors: number): Geometry => ({
  cylinders: Math.floor(Math.floor(total / sectors) / heads),
  heads,
  sectors,
});

/** Returns the bytes that a geometry addresses. */
export const geometryBytes = ({ cylinders, heads, sectors }: Geometry): number =>
  cylinders * heads * sectors * SECTOR;

export const isSaturated = ({ cylinders, heads, sectors }: Geometry): boolean =>
  cylinders === SATURATED.cylinders && heads === SATURATED.heads && sectors === SATURATED.sectors;
