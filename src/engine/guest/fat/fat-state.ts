import { isEngineError } from '../../base/errors.ts';
import type { GuestBytes } from '../bytes/guest-bytes.ts';
import { labelText } from '../bytes/text.ts';
import type { FatHeader } from './fat-header.ts';
import { tableEntry } from './fat-table.ts';
import { rootLabel } from './fat-folder.ts';
import { oemText } from './oem-text.ts';

/** Bit of the table's second entry that is set if the volume was unmounted. FAT12 does not have it. */
const CLEAN = { fat12: 0, fat16: 0x8000, fat32: 0x0800_0000 } as const;
const NO_NAME = 'NO NAME';

/**
 * Returns the label, from the root folder or else the boot sector, and the dirty flag of Windows and
 * Linux. Null for what cannot be read.
 */
export async function fatState(
  volume: GuestBytes,
  header: FatHeader,
  signal: AbortSignal,
): Promise<{ readonly label: string | null; readonly dirty: boolean | null }> {
  try {
    const inRoot = await rootLabel(volume, header, signal);
    const inBoot = header.label === null ? null : labelText(oemText(header.label));
    const clean = CLEAN[header.kind];
    const mark = await tableEntry(volume, header, 1, signal);
    const dirty = header.marked || (clean !== 0 && (mark & clean) === 0);
    return { label: inRoot ?? (inBoot === NO_NAME ? null : inBoot), dirty };
  } catch (error) {
    if (!isEngineError(error, 'guest.damaged', 'guest.limit')) throw error;
    return { label: null, dirty: null };
  }
}
