import { never } from '../../../base/abort.ts';
import type { Guid } from '../../../base/guid.ts';
import type { ByteStorage } from '../../../source/byte-source.ts';
import {
  decodeBitmapEntry,
  decodePayloadEntry,
  encodeBatEntry,
  type BatEntry,
  type BlockState,
} from '../structures/bat-entry.ts';
import { EditPages } from './edit-pages.ts';
import { Journal } from '../log/journal.ts';
import { isZero } from '../../virtual/zero-scan.ts';
import {
  batIndexOfBitmap,
  batIndexOfPayload,
  blockAtOrAfter,
  chunkRatio,
  MIB,
  PAGE,
  payloadBlockCount,
} from '../structures/layout.ts';
import type { VhdxMetadata } from '../structures/metadata/metadata-items.ts';
import type { MetadataEntry } from '../structures/metadata/metadata-entry.ts';
import { readHead, readMetadata, readRegionTable } from '../read/read-structures.ts';
import { batSizeDefect } from '../structures/regions/region-places.ts';
import { refuse } from '../structures/vhdx-defect.ts';
import type { RegionTable } from '../structures/regions/region-table.ts';
import { SpaceMap, type Allocation, type UsedSpace } from '../read/space-map.ts';
import { usedSpace } from '../read/used-space.ts';
import { vhdxError } from '../structures/vhdx-errors.ts';

const ZEROS = new Uint8Array(MIB);

/**
 * One writable opening of a VHDX: its journal, the pages that change through it, free space, and
 * access to the entries of its BAT. The operations on blocks, size and metadata are functions on
 * it. Calls must not overlap; `VhdxEditor` serialises them.
 */
export class EditSession {
  readonly storage: ByteStorage;
  readonly pages: EditPages;
  readonly #journal: Journal;
  readonly #space: SpaceMap;
  /** Freed, but still referenced by the tables in the file. */
  #freed: UsedSpace[] = [];
  /** Data was written in place since the last flush. */
  #unflushed = false;
  metadata: VhdxMetadata;
  regions: RegionTable;
  items: readonly MetadataEntry[];
  /** DataWriteGuid for the first visible change; undefined: a new one. */
  nextDataWriteGuid: Guid | undefined;

  private constructor(
    storage: ByteStorage,
    journal: Journal,
    space: SpaceMap,
    parts: Pick<EditSession, 'metadata' | 'regions' | 'items'>,
  ) {
    this.storage = storage;
    this.pages = new EditPages(storage);
    this.#journal = journal;
    this.#space = space;
    this.metadata = parts.metadata;
    this.regions = parts.regions;
    this.items = parts.items;
  }

  /** Replays a remaining log, then reads the tables and finds free space. */
  static async open(storage: ByteStorage, signal: AbortSignal): Promise<EditSession> {
    const { current } = await readHead(storage, signal);
    const journal = new Journal(storage, current);
    await journal.recover();
    const regions = await readRegionTable(storage, signal);
    const { entries, metadata } = await readMetadata(storage, regions.metadata, signal);
    refuse(batSizeDefect(regions.bat, metadata, metadata.parent !== undefined));
    const used = await usedSpace(storage, current.header, regions, metadata, signal);
    const space = new SpaceMap(used, storage.size);
    if (journal.capacity < 1) {
      throw vhdxError('vhdx.header.log', 'the file has no log; it cannot be changed in place', {
        data: { logLength: current.header.logLength },
      });
    }
    return new EditSession(storage, journal, space, { metadata, regions, items: entries });
  }

  get dataWriteGuid(): Guid {
    return this.#journal.dataWriteGuid;
  }

  /** Must be called before any change; `visible` if a reader of the disk could see the change. */
  async begin(visible: boolean): Promise<void> {
    await this.#journal.begin(visible, this.nextDataWriteGuid);
  }

  /**
   * Ensures that `pages` more fit into the next log entry, so that a step is never split between
   * two.
   */
  async room(pages: number): Promise<void> {
    if (this.pages.dirtyCount + pages > this.#journal.capacity) await this.commit();
  }

  /** Makes all changes so far durable. */
  async commit(): Promise<void> {
    if (this.pages.dirtyCount > 0) {
      await this.#journal.commit(this.pages.takeDirty(), this.#space.end);
      for (const part of this.#freed) this.#space.release(part);
      this.#freed = [];
    } else if (this.#unflushed) {
      await this.storage.flush(never);
    }
    this.#unflushed = false;
  }

  async close(): Promise<void> {
    await this.commit();
    await this.#journal.close();
  }

  /** Allocates `length` bytes, a multiple of 1 MiB, extending the file if needed. */
  async allocate(length: number): Promise<Allocation> {
    const allocation = this.#space.allocate(length);
    if (this.storage.size < this.#space.end) await this.storage.resize(this.#space.end, never);
    this.pages.forget(allocation.offset, length);
    return allocation;
  }

  /** Frees space once the tables that no longer reference it are durable. */
  free(offset: number, length: number): void {
    this.#freed.push({ offset, length });
  }

  async writePayload(offset: number, bytes: Uint8Array): Promise<void> {
    this.#unflushed = true;
    await this.storage.write(offset, bytes, never);
  }

  async writeZeros(offset: number, length: number): Promise<void> {
    for (let at = 0; at < length; at += ZEROS.length) {
      await this.writePayload(offset + at, ZEROS.subarray(0, Math.min(ZEROS.length, length - at)));
    }
  }

  async entry(block: number): Promise<BatEntry> {
    const { low, high, at } = await this.#rawEntry(batIndexOfPayload(this.metadata, block));
    return decodePayloadEntry(low, high, this.metadata.parent !== undefined, at);
  }

  /**
   * Returns `block`, or the first block behind it whose page of the BAT is not all zeros. Checks a
   * page of 512 entries at a time, so that walking over a huge and mostly absent disk costs little.
   */
  async skipAbsent(block: number): Promise<number> {
    const blocks = payloadBlockCount(this.metadata);
    const ratio = chunkRatio(this.metadata);
    let next = block;
    while (next < blocks) {
      const at = this.regions.bat.offset + batIndexOfPayload(this.metadata, next) * 8;
      const start = at - (at % PAGE);
      if (!isZero(await this.pages.page(start))) return next;
      const index = (start + PAGE - this.regions.bat.offset) / 8;
      // The payload entries of a chunk are followed by the entry of its sector bitmap.
      next = Math.max(next + 1, blockAtOrAfter(ratio, index));
    }
    return blocks;
  }

  async setEntry(block: number, state: BlockState, offset: number): Promise<void> {
    await this.setRawEntry(batIndexOfPayload(this.metadata, block), state, offset);
  }

  /** Returns the file offset of a chunk's sector bitmap block, if it exists. */
  async bitmap(chunk: number): Promise<number | undefined> {
    const { low, high, at } = await this.#rawEntry(batIndexOfBitmap(this.metadata, chunk));
    return decodeBitmapEntry(low, high, this.metadata.parent !== undefined, at);
  }

  /** Sets any entry by its index; if the entry does not change, its page stays clean. */
  async setRawEntry(index: number, state: number, offset: number): Promise<void> {
    const bytes = new Uint8Array(8);
    encodeBatEntry(new DataView(bytes.buffer), 0, state, offset);
    await this.pages.patch(this.regions.bat.offset + index * 8, bytes);
  }

  async #rawEntry(index: number): Promise<{ low: number; high: number; at: number }> {
    const at = this.regions.bat.offset + index * 8;
    const page = await this.pages.page(at - (at % PAGE));
    const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
    const within = at % PAGE;
    return { low: view.getUint32(within, true), high: view.getUint32(within + 4, true), at };
  }
}
