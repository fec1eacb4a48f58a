import { never } from '../../../base/abort.ts';
import type { Guid } from '../../../base/guid.ts';
import type { ByteStorage } from '../../../source/byte-source.ts';
import { EditTurns } from '../../image/edit-turns.ts';
import type { ImageEditor } from '../../image/image-editor.ts';
import { requireInside } from '../../image/write-range.ts';
import { SECTOR } from '../structures/layout.ts';
import { vhdError } from '../structures/vhd-errors.ts';
import { BlockPlaces } from './block-places.ts';
import { partsOf, writeParts, writeZeros } from './block-writes.ts';
import { readEditable, type EditableVhd } from './editable-vhd.ts';

/** Maximum number of blocks that are changed between two flushes. */
const BLOCKS_AT_ONCE = 64;

/**
 * Changes the contents of a VHD in place. After a crash at any moment the file opens and holds
 * everything up to the last `flush`; each sector written since is old or new.
 *
 * Calls may overlap; they run one after another. The caller must hold the file exclusively. After an
 * error of the storage nothing more is written: reopen the file.
 */
export class VhdEditor implements ImageEditor {
  readonly logicalSectorSize = SECTOR;
  readonly #storage: ByteStorage;
  readonly #image: EditableVhd;
  /** Undefined for a fixed disk. */
  readonly #places: BlockPlaces | undefined;
  readonly #turns = new EditTurns((failed) =>
    vhdError(
      'vhd.write.state',
      failed ? 'an earlier write failed; reopen the image' : 'the image is closed',
      { data: { state: failed ? 'failed' : 'closed' } },
    ),
  );

  private constructor(storage: ByteStorage, image: EditableVhd) {
    this.#storage = storage;
    this.#image = image;
    this.#places =
      image.header === undefined ? undefined : new BlockPlaces(storage, image, image.header);
  }

  /** Opens the file, which does not change before the first write. Throws `vhd.*`. */
  static async open(storage: ByteStorage, signal: AbortSignal): Promise<VhdEditor> {
    return new VhdEditor(storage, await readEditable(storage, signal));
  }

  get size(): number {
    return this.#image.size;
  }

  /** The identity that a child records; writing does not change it. */
  get identity(): Guid {
    return this.#image.footer.uniqueId;
  }

  async write(offset: number, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    await this.#change(offset, bytes.length, bytes, signal);
  }

  async zero(start: number, length: number, signal: AbortSignal): Promise<void> {
    await this.#change(start, length, undefined, signal);
  }

  async flush(signal: AbortSignal): Promise<void> {
    await this.#turns.run(async () => {
      signal.throwIfAborted();
      await this.#turns.step(() => this.#storage.flush(signal));
    });
  }

  async close(): Promise<void> {
    await this.#turns.end(() => this.#storage.flush(never));
  }

  async #change(
    offset: number,
    length: number,
    bytes: Uint8Array | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#turns.run(async () => {
      requireInside(offset, length, { sector: SECTOR, size: this.size });
      if (length === 0) return;
      const places = this.#places;
      if (places === undefined) {
        signal.throwIfAborted();
        await this.#turns.step(() =>
          bytes === undefined
            ? writeZeros(this.#storage, offset, length)
            : this.#storage.write(offset, bytes, signal),
        );
        return;
      }
      const differencing = this.#image.subformat === 'differencing';
      const step = BLOCKS_AT_ONCE * places.blockSize;
      for (let at = 0; at < length; at += step) {
        signal.throwIfAborted();
        const end = Math.min(at + step, length);
        const parts = partsOf(offset + at, end - at, places.blockSize, bytes?.subarray(at, end));
        await this.#turns.step(() => writeParts(this.#storage, places, [...parts], differencing));
      }
    });
  }
}
