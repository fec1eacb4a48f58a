import type { Guid } from '../../../base/guid.ts';
import type { ByteStorage } from '../../../source/byte-source.ts';
import type { ImageEditor } from '../../image/image-editor.ts';
import { blockParts, writeBlock, zeroBlock } from './block-edit.ts';
import { EditTurns } from '../../image/edit-turns.ts';
import { outsideDisk } from '../../image/write-range.ts';
import { EditSession } from './edit-session.ts';
import { checkGeometry, type VhdxMetadata } from '../structures/metadata/metadata-items.ts';
import { resizeDisk } from './resize-disk.ts';
import { vhdxError } from '../structures/vhdx-errors.ts';

/**
 * Changes a VHDX in place, crash-safe through its log (MS-VHDX 2.3): after a crash at any moment
 * the file opens and holds everything up to the last `flush`; each sector written since is old or
 * new.
 *
 * Calls may overlap; they run one after another. The caller must hold the file exclusively; other
 * readers see changes only after `flush`. After an error of the storage nothing more is written:
 * reopen the file, which replays its log.
 */
export class VhdxEditor implements ImageEditor {
  readonly #session: EditSession;
  readonly #turns = new EditTurns((failed) =>
    failed
      ? vhdxError('vhdx.write.failed', 'an earlier write failed; reopen the image')
      : vhdxError('vhdx.write.state', 'the image is closed'),
  );

  private constructor(session: EditSession) {
    this.#session = session;
  }

  /**
   * Opens the file and replays its log if needed. Otherwise the file does not change before the
   * first write.
   */
  static async open(storage: ByteStorage, signal: AbortSignal): Promise<VhdxEditor> {
    return new VhdxEditor(await EditSession.open(storage, signal));
  }

  get logicalSectorSize(): number {
    return this.metadata.logicalSectorSize;
  }

  get metadata(): VhdxMetadata {
    return this.#session.metadata;
  }

  /** The GUID that a child of this image must link to; changes with the first write. */
  get dataWriteGuid(): Guid {
    return this.#session.dataWriteGuid;
  }

  /**
   * Writes whole sectors at `offset` of the virtual disk. Can be cancelled between blocks, not
   * within one.
   */
  async write(offset: number, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    await this.#turns.run(async () => {
      this.#check(offset, bytes.length);
      let at = 0;
      for (const part of blockParts(offset, bytes.length, this.metadata.blockSize)) {
        signal.throwIfAborted();
        const piece = bytes.subarray(at, at + part.length);
        await this.#turns.step(() => writeBlock(this.#session, part, piece));
        at += part.length;
      }
    });
  }

  /** Makes whole sectors read as zeros; frees the space of whole blocks (TRIM of a guest). */
  async zero(start: number, length: number, signal: AbortSignal): Promise<void> {
    await this.#turns.run(async () => {
      this.#check(start, length);
      for (const part of blockParts(start, length, this.metadata.blockSize)) {
        signal.throwIfAborted();
        await this.#turns.step(() => zeroBlock(this.#session, part));
      }
    });
  }

  /** Changes the size of the virtual disk; added parts read as zeros. */
  async resize(size: number, signal: AbortSignal): Promise<void> {
    await this.#turns.run(async () => {
      signal.throwIfAborted();
      checkGeometry({ ...this.metadata, virtualSize: size }, 'vhdx.write.argument');
      await this.#turns.step(() => resizeDisk(this.#session, size));
    });
  }

  /** Returns when all completed writes survive a loss of power. */
  async flush(signal: AbortSignal): Promise<void> {
    await this.#turns.run(async () => {
      signal.throwIfAborted();
      await this.#turns.step(() => this.#session.commit());
    });
  }

  /** Flushes and leaves an empty log. The storage stays open. Writes nothing after a failure. */
  async close(): Promise<void> {
    await this.#turns.end(() => this.#session.close());
  }

  #check(offset: number, length: number): void {
    const { logicalSectorSize: sector, virtualSize: size } = this.metadata;
    const wrong = outsideDisk(offset, length, { sector, size });
    if (wrong !== undefined) {
      throw vhdxError('vhdx.write.argument', wrong.message, { data: wrong.data });
    }
  }
}
