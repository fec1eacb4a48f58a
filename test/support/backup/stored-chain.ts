import { createHash } from 'node:crypto';
import { digestOf } from '../../../src/engine/backup/hashes/hash-cell.ts';
import type { HashFormat } from '../../../src/engine/backup/hashes/hash-format.ts';
import {
  HashTreeWriter,
  type HashTreeResult,
} from '../../../src/engine/backup/hashes/hash-tree-writer.ts';
import type { DiskRecord, PointManifest } from '../../../src/engine/backup/manifest/manifest.ts';
import { openStoredDisk, openStoredHashes } from '../../../src/engine/backup/images/stored-disk.ts';
import { parentLinkOf } from '../../../src/engine/backup/points/parent-link.ts';
import { copyDisk } from '../../../src/engine/backup/images/copy-disk.ts';
import type { CompletePoint } from '../../../src/engine/backup/points/catalog.ts';
import { commitPoint } from '../../../src/engine/backup/points/commit-point.ts';
import { pointFile } from '../../../src/engine/backup/store/contract/layout.ts';
import { diskChain, type ChainLink } from '../../../src/engine/backup/points/point-chain.ts';
import type { Store } from '../../../src/engine/backup/store/contract/store.ts';
import { never } from '../../../src/engine/base/abort.ts';
import { newGuid } from '../../../src/engine/base/guid.ts';
import { noProgress } from '../../../src/engine/base/progress.ts';
import type { Range } from '../../../src/engine/base/range.ts';
import { RangeSet } from '../../../src/engine/base/range-set.ts';
import { VhdxWriter } from '../../../src/engine/disk/vhdx/write/vhdx-writer.ts';
import { SAMPLE_VM, sampleDisk, sampleManifest } from '../store/sample-manifest.ts';

export interface ChainShape {
  /** Bytes of the virtual disk, a multiple of the sector. */
  readonly size: number;
  readonly sector: 512 | 4096;
  readonly format: HashFormat;
}

/** What happens to the disk before a point is made, and how the point is stored. */
export interface ChainStep {
  readonly kind: 'full' | 'incr';
  readonly blockSize: number;
  /** The engine's copy completes blocks; without it exactly the changed sectors are stored, with a sector bitmap. */
  readonly copy: boolean;
  /** Ranges in sectors and the byte that fills them; 0 makes zeros of them. */
  readonly writes: readonly ChainWrite[];
}

export interface ChainWrite {
  readonly sector: number;
  readonly sectors: number;
  readonly fill: number;
}

/** A point as it must be: by a model, not by what the engine reads. */
export interface ModelPoint {
  readonly manifest: PointManifest;
  /** Number of the point that it continues; undefined for a full. */
  readonly parent: number | undefined;
  /** The whole disk. */
  readonly contents: Uint8Array;
}

/** Bytes that differ from sector to sector, so that no two places are taken for each other. */
function filled(length: number, fill: number, at: number): Uint8Array {
  const bytes = new Uint8Array(length);
  if (fill === 0) return bytes;
  for (let i = 0; i < length; i += 64) {
    bytes.fill(1 + ((fill * 31 + (at + i) / 64) % 255), i, i + 64);
  }
  return bytes;
}

/** Makes the points of one disk in a store with the engine's own writers; no host is needed. */
export class StoredChain {
  readonly store: Store;
  readonly shape: ChainShape;
  readonly points: ModelPoint[] = [];
  readonly #diskId = newGuid();
  #contents: Uint8Array;

  constructor(store: Store, shape: ChainShape) {
    this.store = store;
    this.shape = shape;
    this.#contents = new Uint8Array(shape.size);
  }

  async add(step: ChainStep): Promise<ModelPoint> {
    const { store, shape } = this;
    const changed = this.#change(step.writes);
    const full = step.kind === 'full' || this.points.length === 0;
    const parent = full ? undefined : this.points.length - 1;
    const id = pointId(this.points.length, full ? 'full' : 'incr');
    const links = parent === undefined ? [] : this.links(parent);
    const stem = `${SAMPLE_VM}/${id}/0-system`;
    const image = await store.createFile(`${stem}${full ? '.vhdx' : '.avhdx'}`, never);
    const hashes = await store.createFile(`${stem}.hashes`, never);
    const [link] = links;
    const writer = new VhdxWriter(image, {
      size: shape.size,
      blockSize: step.blockSize,
      logicalSectorSize: shape.sector,
      diskId: this.#diskId,
      ...(link === undefined ? {} : { parent: parentLinkOf(link) }),
    });
    const ranges = full ? [{ start: 0, end: shape.size }] : [...changed];
    const before = link === undefined ? null : await openStoredHashes(store, links, never);
    const tree = HashTreeWriter.begin(hashes, shape.size, shape.format, before);
    if (step.copy) await this.#copy(writer, tree, links, ranges);
    else await this.#store(writer, tree, ranges, full);
    const written = await writer.complete(never);
    const record = this.#record(full, links, written, await tree.finish(never));
    await before?.close();
    const changes = new TextEncoder().encode(`changes of ${id}`);
    await store.createAbsent(`${SAMPLE_VM}/${id}/0-system.changes.ndjson.gz`, changes, never);
    const manifest = sampleManifest({
      id,
      storeId: store.id,
      kind: full ? 'full' : 'incr',
      parent: link?.point.id ?? null,
      disks: [{ ...record, changesFile: sideFile('0-system.changes.ndjson.gz', changes) }],
      configFiles: [],
    });
    await commitPoint(store, manifest, never);
    const point = { manifest, parent, contents: this.#contents.slice() };
    this.points.push(point);
    return point;
  }

  /** The chain of a point: its own image first. */
  links(point: number): readonly ChainLink[] {
    const entries = this.points.map(({ manifest }): CompletePoint => {
      return { id: manifest.id, state: 'complete', manifest };
    });
    return diskChain(entries, this.points[point]?.manifest.id ?? '', 0);
  }

  /** Path in the store of a file of a point. */
  path(point: number, file: 'image' | 'hashes' | 'manifest' | 'changes'): string {
    const { id, disks } = (this.points[point] as ModelPoint).manifest;
    const [disk] = disks as readonly [DiskRecord];
    const names = {
      image: disk.file,
      hashes: disk.hashesFile.file,
      manifest: 'point.chain.json',
      changes: disk.changesFile?.file ?? '',
    };
    return pointFile(SAMPLE_VM, id, names[file]);
  }

  #change(writes: readonly ChainWrite[]): RangeSet {
    const { size, sector } = this.shape;
    const ranges: Range[] = [];
    for (const { sector: first, sectors, fill } of writes) {
      const start = Math.min(first * sector, size - sector);
      const end = Math.min(start + sectors * sector, size);
      this.#contents.set(filled(end - start, fill, start), start);
      ranges.push({ start, end });
    }
    return RangeSet.of(ranges);
  }

  async #copy(
    writer: VhdxWriter,
    tree: HashTreeWriter,
    links: readonly ChainLink[],
    ranges: readonly Range[],
  ): Promise<void> {
    const { size, sector } = this.shape;
    const read = async (offset: number, into: Uint8Array): Promise<void> =>
      into.set(this.#contents.subarray(offset, offset + into.length));
    const base = links.length === 0 ? null : await openStoredDisk(this.store, links, never);
    await copyDisk({ size, sector, ranges, read }, writer, tree, base, noProgress, never);
    await base?.close();
  }

  /** Stores the changed sectors alone. */
  async #store(
    writer: VhdxWriter,
    tree: HashTreeWriter,
    ranges: readonly Range[],
    full: boolean,
  ): Promise<void> {
    const { size, sector, format } = this.shape;
    for (const { start, end } of ranges) {
      // Runs that are alike, so that zeros are stored as such.
      for (let at = start; at < end;) {
        const zero = isZeroSector(this.#contents, at, sector);
        let stop = at + sector;
        while (stop < end && isZeroSector(this.#contents, stop, sector) === zero) stop += sector;
        if (!zero) await writer.write(at, this.#contents.subarray(at, stop), never);
        else if (!full) writer.zero(at, stop - at);
        at = stop;
      }
      const last = Math.ceil(end / format.unit);
      for (let unit = Math.floor(start / format.unit); unit < last; unit++) {
        const from = unit * format.unit;
        const bytes = this.#contents.subarray(from, Math.min(from + format.unit, size));
        if (bytes.every((byte) => byte === 0)) tree.setZero(unit);
        else tree.set(unit, digestOf(bytes));
      }
    }
  }

  #record(
    full: boolean,
    [link]: readonly ChainLink[],
    image: Awaited<ReturnType<VhdxWriter['complete']>>,
    tree: HashTreeResult,
  ): DiskRecord {
    return sampleDisk({
      kind: full ? 'full' : 'incr',
      file: full ? '0-system.vhdx' : '0-system.avhdx',
      parentPoint: link?.point.id ?? null,
      virtualSize: this.shape.size,
      logicalSectorSize: this.shape.sector,
      physicalSectorSize: 4096,
      blockSize: image.blockSize,
      virtualDiskId: this.#diskId,
      dataWriteGuid: image.dataWriteGuid,
      hashUnit: this.shape.format.unit,
      hashRoot: tree.root,
      fileSize: image.fileSize,
      writtenBytes: image.payloadBytes,
      hashesFile: { file: '0-system.hashes', size: tree.size, sha256: tree.sha256 },
    });
  }
}

function isZeroSector(bytes: Uint8Array, at: number, sector: number): boolean {
  return bytes.subarray(at, at + sector).every((byte) => byte === 0);
}

/** Ids a second apart. */
function pointId(number: number, kind: 'full' | 'incr'): string {
  const time = new Date(Date.UTC(2026, 10, 22, 14) + number * 1000).toISOString();
  return `${time.slice(0, 19).replaceAll(/[-:]/g, '')}Z-${kind}`;
}

const sideFile = (file: string, bytes: Uint8Array): DiskRecord['hashesFile'] => ({
  file,
  size: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
});
