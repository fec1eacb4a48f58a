import type { RepairStep } from '../../../api/disk-check.ts';
import type { RepairStorage } from '../../image/image-repairs.ts';
import { batSlabs } from '../check/bat-slabs.ts';
import type { InspectedVhdx } from '../inspect/inspect-vhdx.ts';
import { nextEntry } from '../read/bat-slab.ts';
import { encodeBatEntry } from '../structures/bat-entry.ts';
import { batEntryCount } from '../structures/layout.ts';
import { batSizeDefect } from '../structures/regions/region-places.ts';
import { BatFixes } from './bat-fixes.ts';

const ENTRY = 8;

/**
 * Clears what has no meaning in the entries of a BAT: reserved bits, bitmap entries that no block
 * needs, entries behind the last block, places of trimmed blocks behind the end of the file. States
 * and places of blocks with data stay as they are. Streams the table.
 * @returns `end`: end of the last block that is whole in the file, as far as the disk needs it
 */
export async function repairBat(
  { bat, metadata }: InspectedVhdx,
  storage: RepairStorage,
  signal: AbortSignal,
): Promise<{ readonly steps: readonly RepairStep[]; readonly end: number }> {
  const disk = metadata?.metadata;
  if (bat === undefined || disk === undefined) return { steps: [], end: 0 };
  const child = disk.parent !== undefined;
  const outside = bat.offset + bat.length > storage.size;
  if (outside || batSizeDefect(bat, disk, child).length > 0) return { steps: [], end: 0 };
  const fixes = new BatFixes(disk, bat.offset, storage.size);
  const found = new Map<string, { readonly offset: number; count: number }>();
  const entry = new Uint8Array(ENTRY);
  const view = new DataView(entry.buffer);
  for await (const { index, bytes } of batSlabs(
    storage,
    bat.offset,
    batEntryCount(disk, child),
    signal,
  )) {
    signal.throwIfAborted();
    for (let at = nextEntry(bytes, 0); at < bytes.length; at = nextEntry(bytes, at + ENTRY)) {
      const low = bytes.readUInt32LE(at);
      const fix = fixes.of(index + at / ENTRY, low, bytes.readUInt32LE(at + 4));
      if (fix === undefined) continue;
      const offset = bat.offset + index * ENTRY + at;
      encodeBatEntry(view, 0, fix.state, fix.offset);
      await storage.write(offset, entry, signal);
      const known = found.get(fix.code);
      if (known === undefined) found.set(fix.code, { offset, count: 1 });
      else known.count++;
    }
  }
  const steps = [...found].map(([code, { offset, count }]) => {
    const entries = count === 1 ? '1 BAT entry' : `${count} BAT entries`;
    return { code, offset, what: `Clear what has no meaning in ${entries}` };
  });
  return { steps, end: fixes.end };
}
