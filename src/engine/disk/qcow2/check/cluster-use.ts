/** Maximum number of clusters of a file that are counted: 128 MiB of memory, 2 TiB by 64 KiB. */
export const MAX_CLUSTERS = 2 ** 25;
const MOST = 0xffff;

/** References to each cluster of a file as they were found, and the refcounts that it records. */
export class ClusterUse {
  readonly clusters: number;
  readonly #size: number;
  readonly #found: Uint16Array;
  readonly #recorded: Uint16Array;

  constructor(fileSize: number, clusterSize: number) {
    this.clusters = Math.ceil(fileSize / clusterSize);
    this.#size = clusterSize;
    this.#found = new Uint16Array(this.clusters);
    this.#recorded = new Uint16Array(this.clusters);
  }

  /** Counts a reference to each cluster of a part of the file. */
  add(offset: number, length: number): void {
    const end = Math.min(this.clusters, Math.ceil((offset + length) / this.#size));
    for (let i = Math.floor(offset / this.#size); i < end; i++) {
      if (this.found(i) < MOST) this.#found[i] = this.found(i) + 1;
    }
  }

  /** Undoes {@link add} for a part of the file. */
  remove(offset: number, length: number): void {
    const end = Math.min(this.clusters, Math.ceil((offset + length) / this.#size));
    for (let i = Math.floor(offset / this.#size); i < end; i++) this.#found[i] = this.found(i) - 1;
  }

  record(cluster: number, count: number): void {
    if (cluster < this.clusters) this.#recorded[cluster] = Math.min(count, MOST);
  }

  /** The references of a cluster that were found, at most 65,535. */
  found(cluster: number): number {
    return this.#found[cluster] ?? 0;
  }

  recorded(cluster: number): number {
    return this.#recorded[cluster] ?? 0;
  }

  /** Whether exactly one reference is recorded for the cluster at an offset. */
  single(offset: number): boolean {
    return this.recorded(Math.floor(offset / this.#size)) === 1;
  }
}
