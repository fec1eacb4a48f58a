import type { Fields } from '../bytes/fields.ts';
import { readFields, type GuestBytes } from '../bytes/guest-bytes.ts';
import { labelText } from '../bytes/text.ts';
import { ExtentBytes } from '../contract/extent-bytes.ts';
import {
  FOLDER,
  LABEL,
  labelOf,
  LONG_NAME,
  LongNames,
  shortEntry,
  type FatEntry,
} from './fat-entry.ts';
import type { FatHeader } from './fat-header.ts';
import { chainOf } from './fat-table.ts';

const ENTRY = 32;
const DELETED = 0xe5;
const PIECE = 32 * 1024;
/** A folder has at most 65,536 entries (FAT specification); what follows is ignored. */
const MAX_BYTES = 65_536 * ENTRY;

export interface NamedEntry {
  readonly name: string;
  readonly entry: FatEntry;
}

/** Opens the entries of a folder. @param cluster its first; 0: the root folder */
async function folderBytes(
  volume: GuestBytes,
  header: FatHeader,
  cluster: number,
  signal: AbortSignal,
): Promise<GuestBytes> {
  const first = cluster === 0 ? header.rootCluster : cluster;
  if (first === 0) {
    const { rootStart: offset, rootBytes: length } = header;
    return new ExtentBytes(volume, [{ start: 0, length, offset }], length, 'Root folder');
  }
  const extents = await chainOf(volume, header, first, null, signal);
  const size = extents.reduce((sum, { length }) => sum + length, 0);
  return new ExtentBytes(volume, extents, size, 'Folder');
}

/** Yields the files and folders of a folder, with their long names. */
export async function* folderEntries(
  volume: GuestBytes,
  header: FatHeader,
  cluster: number,
  signal: AbortSignal,
): AsyncGenerator<NamedEntry> {
  const names = new LongNames();
  for await (const fields of rawEntries(volume, header, cluster, signal)) {
    const attributes = fields.u8(11);
    if ((attributes & 0x3f) === LONG_NAME) names.add(fields);
    else {
      const long = names.take(fields);
      if ((attributes & LABEL) !== 0) continue;
      const entry = shortEntry(fields);
      if (entry.shortName === '.' || entry.shortName === '..') continue;
      yield { name: long ?? entry.shortName, entry };
    }
  }
}

/** Returns the label of the volume, an entry of the root folder; null without one. */
export async function rootLabel(
  volume: GuestBytes,
  header: FatHeader,
  signal: AbortSignal,
): Promise<string | null> {
  for await (const fields of rawEntries(volume, header, 0, signal)) {
    const attributes = fields.u8(11);
    if ((attributes & 0x3f) === LONG_NAME || (attributes & (LABEL | FOLDER)) !== LABEL) continue;
    return labelText(labelOf(fields));
  }
  return null;
}

async function* rawEntries(
  volume: GuestBytes,
  header: FatHeader,
  cluster: number,
  signal: AbortSignal,
): AsyncGenerator<Fields> {
  const folder = await folderBytes(volume, header, cluster, signal);
  const size = Math.min(folder.size, MAX_BYTES);
  for (let at = 0; at < size; at += PIECE) {
    const piece = await readFields(folder, at, Math.min(PIECE, size - at), 'Folder entry', signal);
    for (let inPiece = 0; inPiece + ENTRY <= piece.length; inPiece += ENTRY) {
      const fields = piece.part(inPiece, ENTRY);
      if (fields.u8(0) === 0) return;
      if (fields.u8(0) !== DELETED) yield fields;
    }
  }
}
