import { never } from '../../../src/engine/base/abort.ts';
import { crc32cWithoutField } from '../../../src/engine/base/bytes/crc32c.ts';
import { newGuid, type Guid } from '../../../src/engine/base/guid.ts';
import { createVhdx } from '../../../src/engine/disk/vhdx/write/create-vhdx.ts';
import {
  chooseHeader,
  encodeHeader,
  type VhdxHeader,
} from '../../../src/engine/disk/vhdx/structures/header.ts';
import { MIB } from '../../../src/engine/disk/vhdx/structures/layout.ts';
import { encodeLogEntry, type LogEntry } from '../../../src/engine/disk/vhdx/log/log-entry.ts';
import { VhdxEditor } from '../../../src/engine/disk/vhdx/edit/vhdx-editor.ts';
import type { ByteSource } from '../../../src/engine/source/byte-source.ts';
import { MemoryStorage } from '../files/memory-source.ts';
import { PageImage, PageStorage } from '../files/page-storage.ts';

/** Where a new image has its parts. */
export const LOG = MIB;
export const METADATA = 2 * MIB;
export const BAT = 3 * MIB;
export const VICTIM_SIZE = 8 * MIB;

/** A small sound image whose bytes a test changes, with the checksums made right again. */
export class Victim {
  readonly image: PageImage;

  constructor(image: PageImage) {
    this.image = image;
  }

  clone(): Victim {
    return new Victim(this.image.clone());
  }

  bytes(offset: number, length: number): Uint8Array {
    const out = new Uint8Array(length);
    this.image.read(offset, out);
    return out;
  }

  put(offset: number, value: bigint | number, width: 2 | 4 | 8): this {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
    this.image.write(offset, bytes.subarray(0, width));
    return this;
  }

  /** Sets a BAT entry. */
  entry(index: number, offset: number | bigint, state: number): this {
    return this.put(BAT + index * 8, BigInt(offset) | BigInt(state), 8);
  }

  /** Both headers, changed; the second stays the current one. */
  header(change: Partial<VhdxHeader>): this {
    const { header } = chooseHeader(this.bytes(0x10000, 4096), this.bytes(0x20000, 4096));
    const { sequenceNumber } = header;
    const older = { ...header, ...change, sequenceNumber: sequenceNumber - 1n };
    this.image.write(0x10000, encodeHeader(older));
    this.image.write(0x20000, encodeHeader({ ...header, ...change, sequenceNumber }));
    return this;
  }

  /** Changes both region tables at `offset` within them. */
  region(offset: number, value: bigint | number, width: 4 | 8): this {
    for (const table of [0x30000, 0x40000]) this.put(table + offset, value, width);
    return this.sealRegions();
  }

  sealRegions(): this {
    for (const table of [0x30000, 0x40000]) this.#seal(table, 0x10000);
    return this;
  }

  sealHeaders(): this {
    for (const header of [0x10000, 0x20000]) this.#seal(header, 4096);
    return this;
  }

  /** Where the data of a metadata item lies, by its place in the table. */
  item(index: number): number {
    const entry = this.bytes(METADATA + 32 + index * 32, 32);
    return METADATA + new DataView(entry.buffer).getUint32(16, true);
  }

  /** Entries at the start of the log, one behind the other, and headers that name them. */
  log(...entries: Partial<LogEntry>[]): this {
    const logGuid = newGuid();
    let at = 0;
    entries.forEach((entry, i) => {
      const bytes = logEntry({ tail: 0, sequenceNumber: BigInt(i + 1), ...entry }, logGuid);
      this.image.write(LOG + at, bytes);
      at += bytes.length;
    });
    return this.header({ logGuid });
  }

  #seal(offset: number, length: number): void {
    this.put(offset + 4, crc32cWithoutField(this.bytes(offset, length), 4), 4);
  }
}

export function logEntry(entry: Partial<LogEntry>, logGuid: Guid): Uint8Array {
  const whole = {
    tail: 0,
    sequenceNumber: 1n,
    flushedFileOffset: 0,
    lastFileOffset: 0,
    writes: [],
  };
  return encodeLogEntry({ ...whole, ...entry }, logGuid);
}

/** 8 MiB in blocks of 1 MiB: 0 and 3 full of data, 5 zero; in a differencing image 1 is partial. */
export async function soundImage(kind: 'dynamic' | 'differencing'): Promise<Victim> {
  const storage = new MemoryStorage();
  const parent = {
    linkage: newGuid(),
    relativePath: '.\\base.vhdx',
    absolutePath: 'C:\\base.vhdx',
  };
  await createVhdx(
    storage,
    { size: VICTIM_SIZE, blockSize: MIB, ...(kind === 'dynamic' ? {} : { parent }) },
    never,
  );
  const editor = await VhdxEditor.open(storage, never);
  await editor.write(0, new Uint8Array(MIB).fill(1), never);
  await editor.write(3 * MIB, new Uint8Array(MIB).fill(3), never);
  await editor.zero(5 * MIB, MIB, never);
  if (kind === 'differencing') await editor.write(MIB + 4096, new Uint8Array(512).fill(2), never);
  await editor.close();
  return new Victim(PageImage.of(storage.contents()));
}

/** Watches how much a reader asks for; past `limit` reads it fails the test. */
export class WatchedSource implements ByteSource {
  readonly name = 'victim.vhdx';
  readonly #inner: PageStorage;
  readonly #limit: number;
  reads = 0;
  bytes = 0;
  largest = 0;
  closed = 0;

  constructor(victim: Victim, limit = 5000) {
    this.#inner = new PageStorage(victim.image);
    this.#limit = limit;
  }

  get size(): number {
    return this.#inner.size;
  }

  async read(offset: number, into: Uint8Array): Promise<void> {
    this.reads++;
    this.bytes += into.length;
    this.largest = Math.max(this.largest, into.length);
    if (this.reads > this.#limit) throw new Error(`more than ${this.#limit} reads`);
    await this.#inner.read(offset, into);
  }

  async close(): Promise<void> {
    this.closed++;
  }
}
