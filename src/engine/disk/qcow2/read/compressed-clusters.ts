import type { ByteSource } from '../../../source/byte-source.ts';
import type { LoadBudget } from '../../../source/load-budget.ts';
import { SharedLoads } from '../../../source/shared-loads.ts';
import type { ClusterEntry } from '../structures/l2-entry.ts';
import { section } from '../structures/layout.ts';
import { decompress, mustDecompress, type Compression } from './decompress.ts';
import { defectErrors } from './read-head.ts';

/** Reads compressed clusters through a cache: a disk is read in parts that are smaller than them. */
export class CompressedClusters {
  readonly #source: ByteSource;
  readonly #compression: Compression;
  readonly #clusterSize: number;
  readonly #loads: SharedLoads;

  constructor(
    source: ByteSource,
    compression: Compression,
    clusterSize: number,
    budget: LoadBudget,
  ) {
    this.#source = source;
    this.#compression = compression;
    this.#clusterSize = clusterSize;
    this.#loads = new SharedLoads(budget, clusterSize);
  }

  /**
   * Returns the bytes of cluster `cluster`, whose entry is valid. Throws `qcow2.compressed` if they
   * cannot be decompressed.
   */
  get(cluster: number, entry: ClusterEntry, signal: AbortSignal): Promise<Uint8Array> {
    return this.#loads.get(cluster, () => this.#load(cluster, entry, signal), signal);
  }

  async #load(cluster: number, entry: ClusterEntry, signal: AbortSignal): Promise<Uint8Array> {
    const { name, size } = this.#source;
    mustDecompress(this.#compression, name);
    // The sectors of the last compressed cluster may end behind the file.
    const bytes = new Uint8Array(Math.min(entry.length, size - entry.offset));
    await this.#source.read(entry.offset, bytes, signal);
    const found = await decompress(this.#compression, bytes, this.#clusterSize, signal);
    if (found !== undefined) return found;
    throw defectErrors(
      {
        code: 'qcow2.compressed.data',
        error: 'qcow2.compressed',
        structure: `qcow2 compressed cluster ${cluster}`,
        offset: entry.offset,
        found: `${bytes.length} bytes that are not a whole ${this.#compression} stream`,
        expected: `${this.#clusterSize} bytes of contents`,
        section: section('Cluster mapping'),
      },
      name,
    )[0];
  }
}
