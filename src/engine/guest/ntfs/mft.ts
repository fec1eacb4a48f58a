import { readFields, type GuestBytes } from '../bytes/guest-bytes.ts';
import { guestError } from '../bytes/guest-errors.ts';
import type { Fields } from '../bytes/fields.ts';
import { ExtentBytes } from '../contract/extent-bytes.ts';
import { attributesOf, TYPES, type Attribute } from './attributes.ts';
import { listedRecords } from './attribute-list.ts';
import type { NtfsBoot } from './boot-sector.ts';
import { fixedUp } from './fixups.ts';
import { streamBytes } from './stream-bytes.ts';

/*
 * MFT record (linux-ntfs, "FILE Record"): 0 "FILE", 16 sequence number, 20 first attribute, 22 flags
 * (1: in use, 2: folder), 24 used bytes, 32 base record. A reference is a record number in 48 bits
 * and a sequence number in 16.
 */
const IN_USE = 0x1;
const IS_FOLDER = 0x2;

export interface MftRecord {
  readonly number: number;
  readonly isFolder: boolean;
  /** Attributes of the record and of the extension records that its list names. */
  readonly attributes: readonly Attribute[];
}

/** The master file table. */
export class Mft {
  readonly boot: NtfsBoot;
  /** Cached, for metadata. */
  readonly metadata: GuestBytes;
  readonly contents: GuestBytes;
  #records: GuestBytes;

  private constructor(
    boot: NtfsBoot,
    metadata: GuestBytes,
    contents: GuestBytes,
    records: GuestBytes,
  ) {
    this.boot = boot;
    this.metadata = metadata;
    this.contents = contents;
    this.#records = records;
  }

  /** Opens the table, which its first record describes. Throws `guest.damaged`. */
  static async open(
    boot: NtfsBoot,
    metadata: GuestBytes,
    contents: GuestBytes,
    signal: AbortSignal,
  ): Promise<Mft> {
    const { mftStart, recordSize } = boot;
    const extents = [{ start: 0, length: recordSize, offset: mftStart }];
    const first = new ExtentBytes(metadata, extents, recordSize, 'MFT');
    const mft = new Mft(boot, metadata, contents, first);
    // The first parts locate the records that describe the rest.
    const own = attributesOf(await mft.#record(0, signal));
    mft.#records = mft.#tableOf(own);
    const { attributes } = await mft.read(0n, signal);
    mft.#records = mft.#tableOf(attributes);
    return mft;
  }

  /**
   * Reads a record. Throws `guest.damaged` if it is not in use, or was used again since.
   * @param reference record and sequence number; a sequence number of 0 is not compared
   */
  async read(reference: bigint, signal: AbortSignal): Promise<MftRecord> {
    const [number, sequence] = splitReference(reference);
    const record = await this.#record(number, signal);
    const found = record.u16(16);
    const inUse = (record.u16(22) & IN_USE) !== 0;
    if (!inUse || (sequence !== 0 && found !== sequence)) {
      const state = inUse ? `belongs to another file (${found}, not ${sequence})` : 'is not in use';
      throw guestError('guest.damaged', `${record.what} ${state}`, { data: { what: record.what } });
    }
    const own = attributesOf(record);
    const list = own.filter(({ type }) => type === TYPES.list);
    const isFolder = (record.u16(22) & IS_FOLDER) !== 0;
    if (list.length === 0) return { number, isFolder, attributes: own };
    const bytes = streamBytes(this.metadata, this.boot.clusterSize, list, record.what);
    const attributes = [...own];
    for (const other of await listedRecords(bytes, number, signal)) {
      const extension = await this.#record(other, signal);
      const [base] = splitReference(extension.big(32));
      if (base !== number) {
        throw guestError('guest.damaged', `${extension.what} belongs to the file ${base}`, {
          data: { what: extension.what, found: base, expected: number },
        });
      }
      attributes.push(...attributesOf(extension));
    }
    return { number, isFolder, attributes };
  }

  #tableOf(attributes: readonly Attribute[]): GuestBytes {
    const parts = attributes.filter(({ type, name }) => type === TYPES.data && name === '');
    return streamBytes(this.metadata, this.boot.clusterSize, parts, 'MFT');
  }

  async #record(number: number, signal: AbortSignal): Promise<Fields> {
    const { recordSize } = this.boot;
    const what = `MFT record ${number}`;
    const at = number * recordSize;
    return fixedUp(await readFields(this.#records, at, recordSize, what, signal), 'FILE');
  }
}

/** Splits a reference into record and sequence number. */
export const splitReference = (reference: bigint): readonly [number, number] => [
  Number(reference & 0xffff_ffff_ffffn),
  Number(reference >> 48n),
];
