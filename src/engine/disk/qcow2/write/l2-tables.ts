import { encodeL2Entry, encodeSubclusters } from '../structures/l2-entry.ts';
import type { Geometry } from '../structures/layout.ts';

interface Table {
  readonly view: DataView;
  /** Number of entries that have a cluster. */
  filled: number;
}

/** An encoded L2 table: bytes of one cluster. */
export interface EncodedTable {
  readonly index: number;
  readonly bytes: Uint8Array;
}

/**
 * L2 tables under construction: only those with an entry take memory. A table whose clusters are
 * all allocated can be taken out and written early.
 */
export class L2Tables {
  readonly #g: Geometry;
  readonly #tables = new Map<number, Table>();

  constructor(g: Geometry) {
    this.#g = g;
  }

  /** Returns the file offset of a cluster of the disk; 0 if it is not stored. */
  offset(cluster: number): number {
    const { table, at } = this.#find(cluster);
    if (table === undefined) return 0;
    const { view } = table;
    return (view.getUint32(at) & 0x00ffffff) * 2 ** 32 + ((view.getUint32(at + 4) & ~511) >>> 0);
  }

  /** Gives a cluster that is not stored its place in the file; all its subclusters count as stored. */
  allocate(cluster: number, offset: number): void {
    const { table, at } = this.#make(cluster);
    encodeL2Entry(table.view, at, offset);
    if (this.#g.extended) encodeSubclusters(table.view, at, 0xffffffff, 0);
    table.filled++;
  }

  /** Makes a cluster without place read as zeros. */
  zero(cluster: number): void {
    const { table, at } = this.#make(cluster);
    encodeL2Entry(table.view, at, 0, !this.#g.extended);
    if (this.#g.extended) encodeSubclusters(table.view, at, 0, 0xffffffff);
  }

  /** Sets the bits of the subclusters of an extended entry; they are disjoint. */
  setSubclusters(cluster: number, allocated: number, zeroed: number): void {
    const { table, at } = this.#make(cluster);
    encodeSubclusters(table.view, at, allocated, zeroed);
  }

  /** Takes out the table of a cluster if each of its entries has a cluster. */
  takeFull(cluster: number): EncodedTable | undefined {
    const index = Math.floor(cluster / this.#g.entries);
    const table = this.#tables.get(index);
    if (table === undefined || table.filled < this.#g.entries) return undefined;
    this.#tables.delete(index);
    return { index, bytes: bytesOf(table) };
  }

  /** Takes out all tables, in the order of the disk. */
  *takeAll(): Generator<EncodedTable> {
    for (const index of [...this.#tables.keys()].sort((a, b) => a - b)) {
      const table = this.#tables.get(index) as Table;
      this.#tables.delete(index);
      yield { index, bytes: bytesOf(table) };
    }
  }

  #find(cluster: number): { readonly table: Table | undefined; readonly at: number } {
    const { entries, entrySize } = this.#g;
    const table = this.#tables.get(Math.floor(cluster / entries));
    return { table, at: (cluster % entries) * entrySize };
  }

  #make(cluster: number): { readonly table: Table; readonly at: number } {
    const { table, at } = this.#find(cluster);
    if (table !== undefined) return { table, at };
    const made = { view: new DataView(new ArrayBuffer(this.#g.clusterSize)), filled: 0 };
    this.#tables.set(Math.floor(cluster / this.#g.entries), made);
    return { table: made, at };
  }
}

const bytesOf = ({ view }: Table): Uint8Array => new Uint8Array(view.buffer);
