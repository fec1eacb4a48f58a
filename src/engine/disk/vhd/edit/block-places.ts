import { never } from '../../../base/abort.ts';
import { isEngineError } from '../../../base/errors.ts';
import { alignUp } from '../../../base/range.ts';
import type { ByteStorage } from '../../../source/byte-source.ts';
import { checkEntry } from '../read/bat-pages.ts';
import type { BatPlace } from '../structures/bat-rules.ts';
import { errorInVhd } from '../read/error-in-vhd.ts';
import { structureRanges } from '../read/vhd-parts.ts';
import type { DynamicHeader } from '../structures/dynamic-header.ts';
import { bitmapBytes, blockCount, FOOTER_SIZE, SECTOR } from '../structures/layout.ts';
import type { EditableVhd } from './editable-vhd.ts';

/** Data of blocks is aligned to pages, as Windows does for disks with sectors of 4 KiB. */
const PAGE = 4096;

/** Blocks of a dynamic or differencing VHD that is written: their places, and the end of the file. */
export class BlockPlaces {
  readonly blockSize: number;
  /** Bytes of a block's bitmap, which lies in front of its data. */
  readonly bitmap: number;
  readonly #storage: ByteStorage;
  readonly #footer: Uint8Array;
  #place: BatPlace;

  constructor(storage: ByteStorage, image: EditableVhd, header: DynamicHeader) {
    const { size, parts, footerBytes } = image;
    const { blockSize, batOffset } = header;
    this.#storage = storage;
    this.#footer = footerBytes;
    this.blockSize = blockSize;
    this.bitmap = bitmapBytes(blockSize);
    this.#place = {
      batOffset,
      blockSize,
      blocks: blockCount(size, blockSize),
      size,
      dataEnd: alignUp(parts.dataEnd, SECTOR),
      structures: structureRanges(header, parts.headerBytes?.offset ?? FOOTER_SIZE),
    };
  }

  /**
   * Returns the file offset of a block's bitmap; undefined if the block has no place. Throws
   * `vhd.bat.*` for an entry that cannot be right.
   */
  async placeOf(block: number): Promise<number | undefined> {
    const bytes = new Uint8Array(4);
    await this.#storage.read(this.#entryAt(block), bytes, never);
    const entry = new DataView(bytes.buffer).getUint32(0);
    const found = checkEntry(this.#place, block, entry);
    if (isEngineError(found)) throw errorInVhd(found, this.#storage.name);
    return found;
  }

  /**
   * Reserves places for new blocks: the file grows and ends with its footer before anything refers
   * to them. After a crash the places are lost space. The data of a new block is zeros.
   */
  async reserve(count: number): Promise<readonly number[]> {
    if (count === 0) return [];
    const places: number[] = [];
    let end = this.#place.dataEnd;
    for (let i = 0; i < count; i++) {
      const start = alignUp(end + this.bitmap, PAGE) - this.bitmap;
      places.push(start);
      end = start + this.bitmap + this.blockSize;
    }
    // The footer at the old end is overwritten later, so the new one must be durable.
    await this.#storage.write(end, this.#footer, never);
    await this.#storage.flush(never);
    this.#place = { ...this.#place, dataEnd: end };
    return places;
  }

  /** Makes the BAT refer to a block, whose bytes must be durable. */
  async refer(block: number, at: number): Promise<void> {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, at / SECTOR);
    await this.#storage.write(this.#entryAt(block), bytes, never);
  }

  #entryAt(block: number): number {
    return this.#place.batOffset + block * 4;
  }
}
