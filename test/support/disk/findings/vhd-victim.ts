import { never } from '../../../../src/engine/base/abort.ts';
import { vhdChecksum } from '../../../../src/engine/disk/vhd/structures/checksum.ts';
import { VhdWriter } from '../../../../src/engine/disk/vhd/write/vhd-writer.ts';
import { MemoryPart } from '../../files/memory-part.ts';

const KIB = 1024;
const BLOCK = 512 * KIB;
/** The last block is one sector. */
export const VHD_SIZE = 3 * BLOCK + 512;
/** Offset of the dynamic header. */
export const HEADER = 512;

export type VhdKind = 'fixed' | 'dynamic' | 'differencing';

/** A small sound VHD whose bytes a test changes, with the checksums made right again. */
export class VhdVictim {
  bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get #view(): DataView {
    return new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
  }

  u32(at: number): number {
    return this.#view.getUint32(at);
  }

  /** Offset of the BAT. */
  get bat(): number {
    return Number(this.#view.getBigUint64(HEADER + 16));
  }

  put(at: number, value: bigint | number, width: 1 | 2 | 4 | 8): this {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
    this.bytes.set(bytes.subarray(8 - width), at);
    return this;
  }

  /** Changes the footer, and its copy if there is one. */
  footer(at: number, value: bigint | number, width: 1 | 2 | 4 | 8): this {
    const places = [this.bytes.length - 512];
    if (String.fromCharCode(...this.bytes.subarray(0, 8)) === 'conectix') places.push(0);
    for (const place of places) {
      this.put(place + at, value, width);
      this.put(place + 64, vhdChecksum(this.bytes.subarray(place, place + 512), 64), 4);
    }
    return this;
  }

  /** Changes the dynamic header. */
  header(at: number, value: bigint | number, width: 1 | 2 | 4 | 8): this {
    this.put(HEADER + at, value, width);
    const header = this.bytes.subarray(HEADER, HEADER + 1024);
    return this.put(HEADER + 36, vhdChecksum(header, 36), 4);
  }

  fill(at: number, length: number, value = 0): this {
    this.bytes.fill(value, at, at + length);
    return this;
  }

  cut(length: number): this {
    this.bytes = this.bytes.slice(0, length);
    return this;
  }
}

/** Blocks 0 and 3 have data, 1 and 2 have not. */
export async function soundVhd(subformat: VhdKind): Promise<VhdVictim> {
  const part = new MemoryPart();
  const parent = {
    identity: '11111111-2222-3333-4444-555555555555',
    size: VHD_SIZE,
    relativePath: 'p.vhd',
    absolutePath: undefined,
  };
  const writer = new VhdWriter(part, {
    size: VHD_SIZE,
    subformat,
    ...(subformat === 'fixed' ? {} : { blockSize: BLOCK }),
    ...(subformat === 'differencing' ? { parent } : {}),
  });
  await writer.write(KIB, new Uint8Array(4096).fill(7), never);
  await writer.write(VHD_SIZE - 512, new Uint8Array(512).fill(9), never);
  await writer.complete(never);
  return new VhdVictim(part.result);
}
