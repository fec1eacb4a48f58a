import { Fields } from '../bytes/fields.ts';
import { readFields, withCache, type GuestBytes } from '../bytes/guest-bytes.ts';
import { guestError } from '../bytes/guest-errors.ts';
import { nameFromUtf8 } from '../bytes/text.ts';
import { HeldSource } from '../../source/held-source.ts';
import { ExtentBytes, ExtentList } from '../contract/extent-bytes.ts';
import type { GuestEntry, GuestFiles, GuestNode } from '../contract/guest-files.ts';
import { mustBeContents, mustBeFile, mustBeFolder } from '../contract/node-errors.ts';
import { readBlockMap } from './block-map.ts';
import { ExtVolume } from './ext-volume.ts';
import { readExtentTree } from './extent-tree.ts';
import { entriesOf, type ExtEntry } from './folder-blocks.ts';
import { inlineData } from './inline-data.ts';
import { decodeInode, type Inode } from './inode.ts';
import { readSuperblock } from './superblock.ts';

const ROOT = 2;
const MAX_LINK = 4096;
/** The parent's inode, before the entries of a folder inside its inode. */
const INLINE_PARENT = 4;
/** Bytes of a folder that lie in place of the block map. */
const INLINE_MAP = 60;

/** Opens the files of an ext2, ext3 or ext4 volume. Throws `guest.damaged`, `guest.unsupported`. */
export async function openExtFiles(bytes: GuestBytes, signal: AbortSignal): Promise<GuestFiles> {
  const metadata = withCache(bytes);
  const sb = readSuperblock(await readFields(metadata, 1024, 1024, 'Superblock of ext4', signal));
  if (sb === undefined) throw guestError('guest.damaged', 'The superblock is not one of ext4');
  if (sb.problem !== null) throw guestError('guest.unsupported', sb.problem);
  const volume = new ExtVolume(sb, metadata, bytes);
  return { windows: false, root: (inner) => ExtNode.open(volume, ROOT, '/', inner) };
}

/** A file, folder or link of ext. */
class ExtNode implements GuestNode {
  readonly kind: GuestNode['kind'];
  readonly id: string;
  readonly size: number;
  readonly modified: string | null;
  readonly target: string | null;
  readonly notes: GuestNode['notes'];
  readonly streams = [];
  readonly #volume: ExtVolume;
  readonly #name: string;
  readonly #fields: Fields;
  readonly #inode: Inode;

  private constructor(
    volume: ExtVolume,
    name: string,
    number: number,
    fields: Fields,
    inode: Inode,
    target: string | null,
  ) {
    this.#volume = volume;
    this.#name = name;
    this.#fields = fields;
    this.#inode = inode;
    this.kind = inode.kind;
    this.id = String(number);
    this.size = inode.kind === 'file' ? inode.bytes : 0;
    this.modified = inode.modified;
    this.target = target;
    this.notes = [
      ...(inode.encrypted ? (['encrypted'] as const) : []),
      ...(inode.compressed ? (['compressed'] as const) : []),
    ];
  }

  static async open(
    volume: ExtVolume,
    number: number,
    name: string,
    signal: AbortSignal,
  ): Promise<ExtNode> {
    const fields = await volume.inode(number, signal);
    const inode = decodeInode(fields);
    const target = inode.kind === 'link' ? await linkTarget(volume, fields, inode, signal) : null;
    return new ExtNode(volume, name, number, fields, inode, target);
  }

  async *entries(signal: AbortSignal): AsyncGenerator<GuestEntry> {
    mustBeFolder(this, this.#name);
    this.#refuseEncrypted();
    for await (const { inode, name } of this.#rawEntries(signal)) {
      const node = (inner: AbortSignal): Promise<GuestNode> =>
        ExtNode.open(this.#volume, inode, name, inner);
      yield { name, alias: null, node };
    }
  }

  async open(stream: string | null, signal: AbortSignal): Promise<GuestBytes> {
    mustBeFile(this, this.#name);
    mustBeContents(stream);
    this.#refuseEncrypted();
    if (this.#inode.compressed) {
      throw guestError('guest.unsupported', `The file ${this.#name} is compressed`);
    }
    return contentsOf(this.#volume, this.#fields, this.#inode, this.#name, signal);
  }

  async *#rawEntries(signal: AbortSignal): AsyncGenerator<ExtEntry> {
    const what = `Folder ${this.#name}`;
    if (this.#inode.isInline) {
      const bytes = inlineData(this.#fields, this.#inode);
      const inMap = new Fields(bytes.subarray(0, INLINE_MAP), what);
      yield* entriesOf(inMap, INLINE_PARENT);
      if (bytes.length > INLINE_MAP) yield* entriesOf(new Fields(bytes.subarray(INLINE_MAP), what));
      return;
    }
    const bytes = await contentsOf(this.#volume, this.#fields, this.#inode, what, signal);
    const { blockSize } = this.#volume.sb;
    const next = bytes.holes?.();
    for (let at = 0; at + blockSize <= bytes.size; at += blockSize) {
      // A folder has no holes, so one is damage: skipping it keeps the rest.
      const data = next?.(at);
      if (data === undefined) return;
      at = Math.floor(data.start / blockSize) * blockSize;
      if (at + blockSize > bytes.size) return;
      yield* entriesOf(await readFields(bytes, at, blockSize, what, signal));
    }
  }

  #refuseEncrypted(): void {
    if (!this.#inode.encrypted) return;
    const message = `${this.#name} was encrypted by the guest (fscrypt); Refpoint has no key`;
    throw guestError('guest.encrypted', message, { data: { found: this.#name } });
  }
}

/** Opens the contents of an inode. */
async function contentsOf(
  volume: ExtVolume,
  fields: Fields,
  inode: Inode,
  what: string,
  signal: AbortSignal,
): Promise<GuestBytes> {
  if (inode.isInline) return new HeldSource(inlineData(fields, inode), what);
  const list = new ExtentList(volume.contents, what);
  if (inode.usesExtents) await readExtentTree(volume, inode.map, list, signal);
  else await readBlockMap(volume, inode.map, inode.bytes, list, signal);
  return new ExtentBytes(volume.contents, list.list, inode.bytes, what);
}

/** A target of less than 60 bytes lies in place of the block map. */
async function linkTarget(
  volume: ExtVolume,
  fields: Fields,
  inode: Inode,
  signal: AbortSignal,
): Promise<string | null> {
  if (inode.encrypted) return null;
  if (inode.bytes < INLINE_MAP && !inode.usesExtents && !inode.isInline) {
    return nameFromUtf8(inode.map.slice(0, inode.bytes));
  }
  const contents = await contentsOf(volume, fields, inode, fields.what, signal);
  if (contents.size > MAX_LINK) return null;
  const text = await readFields(contents, 0, contents.size, 'Link', signal);
  return nameFromUtf8(text.bytes);
}
