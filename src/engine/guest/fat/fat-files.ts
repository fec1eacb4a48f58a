import { withCache, type GuestBytes } from '../bytes/guest-bytes.ts';
import { ExtentBytes } from '../contract/extent-bytes.ts';
import type { GuestEntry, GuestFiles, GuestNode } from '../contract/guest-files.ts';
import { mustBeContents, mustBeFile, mustBeFolder } from '../contract/node-errors.ts';
import { guestError } from '../bytes/guest-errors.ts';
import { FOLDER, type FatEntry } from './fat-entry.ts';
import { folderEntries } from './fat-folder.ts';
import { readFatHeader, type FatHeader } from './fat-header.ts';
import { chainOf } from './fat-table.ts';
import { readFields } from '../bytes/guest-bytes.ts';

/** Opens the files of a FAT12, FAT16 or FAT32 volume. Throws `guest.damaged`. */
export async function openFatFiles(bytes: GuestBytes, signal: AbortSignal): Promise<GuestFiles> {
  const volume = withCache(bytes);
  const header = readFatHeader(await readFields(volume, 0, 512, 'Boot sector of FAT', signal));
  if (header === undefined) throw guestError('guest.damaged', 'The boot sector is not one of FAT');
  const place = { volume, contents: bytes, header };
  return { windows: true, root: async () => new FatNode(place, '/', undefined) };
}

interface Place {
  readonly volume: GuestBytes;
  /** The volume without a cache, for contents. */
  readonly contents: GuestBytes;
  readonly header: FatHeader;
}

/** A file or folder of FAT. */
class FatNode implements GuestNode {
  readonly kind: 'file' | 'folder';
  readonly id: string;
  readonly size: number;
  readonly modified: string | null;
  readonly target = null;
  readonly notes = [];
  readonly streams = [];
  readonly #place: Place;
  readonly #name: string;
  readonly #cluster: number;

  /** @param entry undefined for the root folder */
  constructor(place: Place, name: string, entry: FatEntry | undefined) {
    this.#place = place;
    this.#name = name;
    this.#cluster = entry?.cluster ?? 0;
    const isFolder = entry === undefined || (entry.attributes & FOLDER) !== 0;
    this.kind = isFolder ? 'folder' : 'file';
    this.size = entry?.size ?? 0;
    this.modified = entry?.modified ?? null;
    // Empty files share the cluster 0.
    this.id = `${this.kind}-${this.#cluster}-${isFolder ? '' : name}`;
  }

  async *entries(signal: AbortSignal): AsyncGenerator<GuestEntry> {
    mustBeFolder(this, this.#name);
    const { volume, header } = this.#place;
    for await (const { name, entry } of folderEntries(volume, header, this.#cluster, signal)) {
      const alias = entry.shortName === name ? null : entry.shortName;
      yield { name, alias, node: async () => new FatNode(this.#place, name, entry) };
    }
  }

  async open(stream: string | null, signal: AbortSignal): Promise<GuestBytes> {
    mustBeFile(this, this.#name);
    mustBeContents(stream);
    const { volume, contents, header } = this.#place;
    const extents =
      this.size === 0 ? [] : await chainOf(volume, header, this.#cluster, this.size, signal);
    return new ExtentBytes(contents, extents, this.size, this.#name);
  }
}
