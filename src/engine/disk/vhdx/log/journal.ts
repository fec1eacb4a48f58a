import { never } from '../../../base/abort.ts';
import { newGuid, NIL_GUID, type Guid } from '../../../base/guid.ts';
import type { ByteStorage } from '../../../source/byte-source.ts';
import {
  encodeHeader,
  type ChosenHeader,
  type HeaderSlot,
  type VhdxHeader,
} from '../structures/header.ts';
import { HEADER_OFFSETS, MIB, PAGE } from '../structures/layout.ts';
import { encodeLogEntry, logEntryLength, type LogWrite } from './log-entry.ts';
import { recoverLog } from './log-recovery.ts';

const LARGEST_ENTRY = 4 * MIB;

/**
 * Headers and log of a file that is changed in place, in the order of MS-VHDX 2.2.2 and 2.3:
 *
 * - a new FileWriteGuid before the first change, a new DataWriteGuid before the first change that a
 *   guest could see;
 * - the first log entry, empty and durable, before the header names its LogGuid;
 * - for each entry: make everything before it durable, make the entry durable, then write its pages
 *   in place;
 * - at the end make the pages durable, then write a header without LogGuid.
 *
 * Every entry's tail is the entry itself: the changes of earlier entries are durable in place
 * before the next is written. An entry takes less than half the ring, so that writing it never
 * overwrites the previous one, which is active until then.
 */
export class Journal {
  readonly #storage: ByteStorage;
  #header: VhdxHeader;
  #slot: HeaderSlot;
  #fileGuidIsNew = false;
  #dataGuidIsNew = false;
  /** Offset of the next entry; undefined while there is no log. */
  #head: number | undefined;
  #sequence = 0n;

  constructor(storage: ByteStorage, current: ChosenHeader) {
    this.#storage = storage;
    this.#header = current.header;
    this.#slot = current.slot;
  }

  get dataWriteGuid(): Guid {
    return this.#header.dataWriteGuid;
  }

  /** Maximum number of pages in one entry, at most a thousand for a log of any length. */
  get capacity(): number {
    const most = Math.min(Math.floor((this.#header.logLength - PAGE) / 2), LARGEST_ENTRY);
    let pages = Math.floor(most / PAGE) - 1;
    while (pages > 0 && logEntryLength(pages) > most) pages--;
    return pages;
  }

  /** Applies a log that a crash left behind, then empties it. */
  async recover(): Promise<void> {
    if (this.#header.logGuid === NIL_GUID) return;
    await this.begin(false);
    await recoverLog(this.#storage, this.#header);
    await this.#storage.flush(never);
    await this.#updateHeader({ logGuid: NIL_GUID });
  }

  /**
   * Must be called before any change.
   * @param visible a reader of the virtual disk could see the change
   * @param dataWriteGuid used instead of a new one
   */
  async begin(visible: boolean, dataWriteGuid?: Guid): Promise<void> {
    const patch = {
      ...(this.#fileGuidIsNew ? {} : { fileWriteGuid: newGuid() }),
      ...(visible && !this.#dataGuidIsNew ? { dataWriteGuid: dataWriteGuid ?? newGuid() } : {}),
    };
    if (Object.keys(patch).length > 0) await this.#updateHeader(patch);
    this.#fileGuidIsNew = true;
    if (visible) this.#dataGuidIsNew = true;
  }

  /** Makes everything written so far durable, and `writes` with it, atomically. */
  async commit(writes: readonly LogWrite[], lastFileOffset: number): Promise<void> {
    const storage = this.#storage;
    await storage.flush(never);
    const head = this.#head ?? (await this.#startLog(lastFileOffset));
    const length = await this.#append(head, writes, lastFileOffset);
    await storage.flush(never);
    this.#head = (head + length) % this.#header.logLength;
    for (const write of writes) {
      if (write.kind === 'page') await storage.write(write.offset, write.bytes, never);
    }
  }

  /** Makes all changes durable and leaves an empty log. */
  async close(): Promise<void> {
    if (!this.#fileGuidIsNew) return;
    await this.#storage.flush(never);
    if (this.#head === undefined) return;
    await this.#updateHeader({ logGuid: NIL_GUID });
    this.#head = undefined;
  }

  /**
   * Write an empty entry first, then the header that names it: the other order can leave a file
   * that no reader opens.
   */
  async #startLog(lastFileOffset: number): Promise<number> {
    const logGuid = newGuid();
    this.#sequence = 0n;
    const length = await this.#append(0, [], lastFileOffset, logGuid);
    await this.#storage.flush(never);
    await this.#updateHeader({ logGuid });
    return length;
  }

  async #append(
    head: number,
    writes: readonly LogWrite[],
    lastFileOffset: number,
    logGuid = this.#header.logGuid,
  ): Promise<number> {
    this.#sequence++;
    const entry = encodeLogEntry(
      {
        tail: head,
        sequenceNumber: this.#sequence,
        flushedFileOffset: this.#storage.size,
        lastFileOffset,
        writes,
      },
      logGuid,
    );
    const { logOffset, logLength } = this.#header;
    const first = Math.min(entry.length, logLength - head);
    await this.#storage.write(logOffset + head, entry.subarray(0, first), never);
    if (first < entry.length) await this.#storage.write(logOffset, entry.subarray(first), never);
    return entry.length;
  }

  /**
   * Updates the header twice, each time in the slot that is not current, so that both agree in the
   * end.
   */
  async #updateHeader(patch: Partial<VhdxHeader>): Promise<void> {
    for (let time = 0; time < 2; time++) {
      const sequenceNumber = this.#header.sequenceNumber + 1n;
      const header = { ...this.#header, ...patch, logVersion: 0, sequenceNumber };
      const slot: HeaderSlot = this.#slot === 0 ? 1 : 0;
      await this.#storage.write(HEADER_OFFSETS[slot], encodeHeader(header), never);
      await this.#storage.flush(never);
      this.#header = header;
      this.#slot = slot;
    }
  }
}
