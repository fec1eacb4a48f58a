import { never } from '../../../../src/engine/base/abort.ts';
import { Qcow2Writer } from '../../../../src/engine/disk/qcow2/write/qcow2-writer.ts';
import { MemoryPart } from '../../files/memory-part.ts';

/** Bit 63 of an entry: the refcount is one. */
export const OWNED = 2n ** 63n;
const OFFSET = 0x00fffffffffffe00n;

export type Qcow2Kind = 'dynamic' | 'differencing';

/** A small sound qcow2 image whose bytes a test changes. */
export class Qcow2Victim {
  bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get #view(): DataView {
    return new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
  }

  get cluster(): number {
    return 2 ** this.#view.getUint32(20);
  }

  /** Offset of the L1 table, the L2 table of its first entry, and the refcount table. */
  get l1(): number {
    return this.place(40);
  }

  get l2(): number {
    return this.place(this.l1);
  }

  get refcounts(): number {
    return this.place(48);
  }

  /** Returns the entry at an offset. */
  entry(at: number): bigint {
    return this.#view.getBigUint64(at);
  }

  /** Returns the offset in the file that an entry holds. */
  place(at: number): number {
    return Number(this.entry(at) & OFFSET);
  }

  put(at: number, value: bigint | number, width: 1 | 2 | 4 | 8): this {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
    this.bytes.set(bytes.subarray(8 - width), at);
    return this;
  }

  /** Sets the refcount of a cluster. */
  count(cluster: number, value: number): this {
    return this.put(this.place(this.refcounts) + cluster * 2, value, 2);
  }

  /** Adds an empty cluster with a refcount, and returns its offset. */
  grow(count: number): number {
    const offset = this.bytes.length;
    const bytes = new Uint8Array(offset + this.cluster);
    bytes.set(this.bytes);
    this.bytes = bytes;
    this.count(offset / this.cluster, count);
    return offset;
  }

  cut(length: number): this {
    this.bytes = this.bytes.slice(0, length);
    return this;
  }
}

const MIB = 2 ** 20;

/** 1 MiB of which the first 8 KiB and the last sector are data; a child hides a part of its parent. */
export async function soundQcow2(kind: Qcow2Kind): Promise<Qcow2Victim> {
  const part = new MemoryPart();
  const parent = {
    identity: undefined,
    format: 'raw',
    size: MIB,
    relativePath: 'base.raw',
    absolutePath: undefined,
  };
  const writer = new Qcow2Writer(part, {
    size: MIB,
    subformat: kind,
    ...(kind === 'differencing' ? { parent } : {}),
  });
  await writer.write(0, new Uint8Array(8192).fill(7), never);
  await writer.write(MIB - 512, new Uint8Array(512).fill(9), never);
  await writer.complete(never);
  return new Qcow2Victim(part.result);
}
