import { openSync, closeSync, readSync } from 'node:fs';

/** One payload block as the BAT has it. */
export interface BlockFact {
  readonly state: number;
  readonly offset: number;
}

/** What a second reader, that shares no code with the engine, sees in a VHDX without a dirty log. */
export interface BatFacts {
  readonly blockSize: number;
  readonly virtualSize: number;
  readonly hasParent: boolean;
  readonly blocks: readonly BlockFact[];
}

const BAT = '6677c22d23f600429d64115e9bfd4a08';
const METADATA = '06a27c8b90479a4bb8fe575f050f886e';
const PARAMETERS = '3767a1ca36fa434db3b633f0aa44e76b';
const SIZE = '2442a52f1bcd7648b2115dbed83bf4b8';
const SECTOR = '1dbf41816fa90947ba47f233a8faab5f';

/** Decodes region table 1, the metadata and the BAT straight from the bytes. GUIDs are as stored. */
export function readBat(path: string): BatFacts {
  const file = openSync(path, 'r');
  try {
    const bytes = (offset: number, length: number): Buffer => {
      const out = Buffer.alloc(length);
      readSync(file, out, 0, length, offset);
      return out;
    };
    const table = bytes(0x30000, 0x10000);
    const places = new Map<string, number>();
    for (let i = 0; i < table.readUInt32LE(8); i++) {
      const at = 16 + 32 * i;
      places.set(table.toString('hex', at, at + 16), Number(table.readBigUInt64LE(at + 16)));
    }
    const region = places.get(METADATA) ?? 0;
    const metadata = bytes(region, 0x10000);
    const item = (guid: string): Buffer => {
      for (let i = 0; i < metadata.readUInt16LE(10); i++) {
        const at = 32 + 32 * i;
        if (metadata.toString('hex', at, at + 16) !== guid) continue;
        return bytes(region + metadata.readUInt32LE(at + 16), metadata.readUInt32LE(at + 20));
      }
      throw new Error(`no metadata item ${guid}`);
    };
    const blockSize = item(PARAMETERS).readUInt32LE(0);
    const hasParent = (item(PARAMETERS).readUInt32LE(4) & 2) !== 0;
    const virtualSize = Number(item(SIZE).readBigUInt64LE(0));
    const ratio = (2 ** 23 * item(SECTOR).readUInt32LE(0)) / blockSize;
    const count = Math.ceil(virtualSize / blockSize);
    const bat = bytes(places.get(BAT) ?? 0, 8 * (count + Math.ceil(count / ratio)));
    const blocks = Array.from({ length: count }, (_, block): BlockFact => {
      const entry = bat.readBigUInt64LE(8 * (block + Math.floor(block / ratio)));
      return { state: Number(entry & 7n), offset: Number((entry >> 20n) << 20n) };
    });
    return { blockSize, virtualSize, hasParent, blocks };
  } finally {
    closeSync(file);
  }
}

/** The map that an image without a parent must have: `[start, length, file offset or undefined]`. */
export function expectedMap(facts: BatFacts): [number, number, number | undefined][] {
  const out: [number, number, number | undefined, number][] = [];
  facts.blocks.forEach(({ state, offset }, block) => {
    const start = block * facts.blockSize;
    const length = Math.min(facts.blockSize, facts.virtualSize - start);
    const place = state === 6 ? offset : undefined;
    // Data, zero and hole are kept apart as the engine's map does.
    const kind = state === 6 ? 2 : state === 0 ? 0 : 1;
    const last = out.at(-1);
    const follows =
      last !== undefined &&
      last[3] === kind &&
      (last[2] === undefined || last[2] + last[1] === place);
    if (follows) last[1] += length;
    else out.push([start, length, place, kind]);
  });
  return out.map(([start, length, place]) => [start, length, place]);
}
