import { createHash } from 'node:crypto';
import type { DiskRecord } from '../../../src/engine/backup/manifest/manifest.ts';
import { never } from '../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../src/engine/base/errors.ts';
import { ChainDisk } from '../../../src/engine/disk/chain/chain.ts';
import { VhdxImage } from '../../../src/engine/disk/vhdx/read/vhdx-image.ts';
import { MemoryStorage } from '../files/memory-source.ts';
import { naiveLeaves } from './naive-root.ts';
import type { MemoryStore } from './memory-store.ts';
import type { ModelPoint, StoredChain } from '../backup/stored-chain.ts';

const UNIT = 64 * 1024;
const HEAD = 3 * 2 ** 20;

const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** What a plain model says of the points of a chain in memory after its files were damaged. */
export interface NaiveVerdict {
  /** Points whose disk cannot be read any more, or reads as something else than it was. */
  readonly lost: ReadonlySet<number>;
  /** Points with a file of their own that is not as their record says, although every disk may be whole. */
  readonly own: Set<number>;
  /** Points whose block table differs from what was written: it may read as the same disk, and need not be noticed then. */
  readonly tables: ReadonlySet<number>;
}

/**
 * Verifies each point by reading its whole disk and hashing each 64 KiB, whatever hash files there are, and by comparing all
 * other files with what they were: shares nothing with `verify` but the reader of images.
 */
export class NaiveVerifier {
  readonly #chain: StoredChain;
  readonly #store: MemoryStore;
  readonly #digests: readonly (readonly string[])[];
  /** The files as they were made. */
  readonly #good: ReadonlyMap<string, Uint8Array>;

  constructor(chain: StoredChain, store: MemoryStore) {
    this.#chain = chain;
    this.#store = store;
    const hex = (digest: Uint8Array): string => Buffer.from(digest).toString('hex');
    this.#digests = chain.points.map(({ contents }) => naiveLeaves(contents, UNIT).map(hex));
    this.#good = new Map([...store.files].map(([path, bytes]) => [path, bytes.slice()]));
  }

  /** Bytes of a file as they were made. */
  good(path: string): Uint8Array {
    return this.#good.get(path) ?? new Uint8Array();
  }

  async verdict(): Promise<NaiveVerdict> {
    const lost = new Set<number>();
    const own = new Set<number>();
    const tables = new Set<number>();
    for (const point of this.#chain.points.keys()) {
      if (!(await this.#reads(point))) lost.add(point);
      if (!this.#sameManifest(point)) own.add(point);
      for (const file of ['hashes', 'changes'] as const) {
        if (!this.#same(this.#chain.path(point, file))) own.add(point);
      }
      const image = this.#chain.path(point, 'image');
      if (!this.#same(image, 0, HEAD)) own.add(point);
      if (!this.#same(image, HEAD, HEAD + HEAD / 3)) tables.add(point);
    }
    return { lost, own, tables };
  }

  /** Whether all manifests and images of a point's chain can be read, and give the disk that it was. */
  async #reads(point: number): Promise<boolean> {
    const layers: VhdxImage[] = [];
    for (let at: number | undefined = point; at !== undefined;) {
      if (!this.#sameManifest(at)) return false;
      const image = await this.#open(at);
      if (image === undefined) return false;
      layers.push(image);
      at = this.#chain.points[at]?.parent;
    }
    try {
      const disk = new ChainDisk(layers);
      const wanted = this.#digests[point] ?? [];
      const buffer = new Uint8Array(UNIT);
      for (const [unit, digest] of wanted.entries()) {
        const bytes = buffer.subarray(0, Math.min(UNIT, disk.size - unit * UNIT));
        await disk.read(unit * UNIT, bytes, never);
        if (sha(bytes) !== digest) return false;
      }
      return true;
    } catch (error) {
      if (isEngineError(error)) return false;
      throw error;
    }
  }

  /** The image, if it can be opened and is the one of the record. */
  async #open(point: number): Promise<VhdxImage | undefined> {
    const { manifest } = this.#chain.points[point] as ModelPoint;
    const [record] = manifest.disks as readonly [DiskRecord];
    const bytes = this.#store.files.get(this.#chain.path(point, 'image')) as Uint8Array;
    try {
      const image = await VhdxImage.open(new MemoryStorage(bytes), never);
      const { metadata, header } = image;
      const same =
        metadata.diskId === record.virtualDiskId &&
        metadata.virtualSize === record.virtualSize &&
        metadata.logicalSectorSize === record.logicalSectorSize &&
        header.dataWriteGuid === record.dataWriteGuid;
      return same ? image : undefined;
    } catch (error) {
      if (isEngineError(error)) return undefined;
      throw error;
    }
  }

  /** Blanks do not count. */
  #sameManifest(point: number): boolean {
    const path = this.#chain.path(point, 'manifest');
    const text = (bytes: Uint8Array): string => {
      try {
        const decoded = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
        return JSON.stringify(JSON.parse(decoded));
      } catch {
        return '';
      }
    };
    return text(this.#store.files.get(path) as Uint8Array) === text(this.good(path));
  }

  #same(path: string, start = 0, end?: number): boolean {
    const found = this.#store.files.get(path) as Uint8Array;
    return Buffer.compare(found.subarray(start, end), this.good(path).subarray(start, end)) === 0;
  }
}
