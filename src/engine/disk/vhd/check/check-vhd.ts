import type { ByteSource } from '../../../source/byte-source.ts';
import type { Defect } from '../../inspect/defect.ts';
import { guarded } from '../../inspect/guarded.ts';
import { batPlaceOf, readParts } from '../read/vhd-parts.ts';
import { batEntryDefect } from '../structures/bat-rules.ts';
import { checkBat } from './check-bat.ts';
import { checkBitmaps } from './check-bitmaps.ts';
import { checkParent } from './check-parent.ts';
import { SectorList } from './sector-list.ts';

/**
 * Yields every broken rule of a VHD file: footer, copy, dynamic header, locators, BAT and bitmaps.
 * A part that cannot be read is a defect. Memory: 128 MiB for as many blocks as the format allows.
 */
export async function* checkVhd(source: ByteSource, signal: AbortSignal): AsyncGenerator<Defect> {
  const parts = await readParts(source, signal);
  yield* parts.defects;
  const { header, headerBytes, size, subformat, dataEnd } = parts;
  if (header === undefined || headerBytes === undefined || size === undefined) return;
  const place = batPlaceOf(header, headerBytes.offset, size.size, dataEnd);
  const child = subformat === 'differencing';
  if (child) yield* checkParent(parts);
  yield* guarded(checkBat(source, place, new SectorList(), signal), part('VHD BAT'), signal);
  if (!child) return;
  const sound = (block: number, entry: number): boolean =>
    batEntryDefect(block, entry, place) === undefined;
  yield* guarded(checkBitmaps(source, place, sound, signal), part('VHD sector bitmap'), signal);
}

const part = (structure: string): { structure: string; section: string } => ({
  structure,
  section: 'VHD 1.0',
});
