import { UnitBits } from '../../inspect/unit-bits.ts';
import type { FilePart } from '../../inspect/model.ts';
import type { Range } from '../../../base/range.ts';

/** Maximum number of units of the file that are tracked: 16 MiB of bits for each use. */
const MAX_UNITS = 2 ** 27;
/** Maximum number of parts; closer ones are joined until they are not more. */
const MAX_PARTS = 1024;

/** Tracks which clusters of the file hold tables and which hold data. */
export class ClusterUse {
  readonly #unit: number;
  readonly #size: number;
  readonly #tables: UnitBits;
  readonly #data: UnitBits;

  /** @param clusterSize granularity in bytes; coarser for a file of very many clusters */
  constructor(fileSize: number, clusterSize: number) {
    const units = Math.ceil(fileSize / clusterSize);
    this.#unit = clusterSize * 2 ** Math.max(0, Math.ceil(Math.log2(units / MAX_UNITS)));
    this.#size = fileSize;
    const count = Math.ceil(fileSize / this.#unit);
    this.#tables = new UnitBits(count);
    this.#data = new UnitBits(count);
  }

  addTable(start: number, length: number): void {
    add(this.#tables, this.#units(start, length));
  }

  addData(start: number, length: number): void {
    add(this.#data, this.#units(start, length));
  }

  /** Returns the parts with tables and those with data, of each kind at most 1024. */
  parts(): readonly FilePart[] {
    return [
      ...this.#spans(this.#tables).map((span) => this.#part('bat', 'L2 and refcount tables', span)),
      ...this.#spans(this.#data).map((span) => this.#part('payload', 'Clusters', span)),
    ];
  }

  #part(kind: FilePart['kind'], label: string, { start, end }: Range): FilePart {
    const from = start * this.#unit;
    return { kind, label, start: from, length: Math.min(end * this.#unit, this.#size) - from };
  }

  #units(start: number, length: number): Range {
    const end = Math.min(start + length, this.#size);
    return { start: Math.floor(start / this.#unit), end: Math.ceil(end / this.#unit) };
  }

  #spans(bits: UnitBits): readonly Range[] {
    for (let gap = 1; ; gap *= 4) {
      const spans: Range[] = [];
      for (let at = bits.next(0, true); at < bits.size && spans.length <= MAX_PARTS;) {
        const end = bits.next(at, false);
        const last = spans.at(-1);
        if (last !== undefined && at - last.end < gap) {
          spans[spans.length - 1] = { start: last.start, end };
        } else spans.push({ start: at, end });
        at = bits.next(end, true);
      }
      if (spans.length <= MAX_PARTS) return spans;
    }
  }
}

function add(bits: UnitBits, { start, end }: Range): void {
  for (let unit = start; unit < end; unit++) bits.add(unit);
}
