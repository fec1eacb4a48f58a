import type { Guid } from '../base/guid.ts';
import type { OpenedDisk } from './open-disk.ts';
import {
  FULLY_PRESENT,
  NOT_PRESENT,
  PARTIALLY_PRESENT,
  UNDEFINED,
  UNMAPPED,
  ZERO,
} from './vhdx/bat-entry.ts';
import { payloadBlockCount } from './vhdx/layout.ts';
import type { VhdxImage } from './vhdx/vhdx-image.ts';

export interface BlockCounts {
  readonly present: number;
  readonly partial: number;
  readonly zero: number;
  readonly notPresent: number;
  readonly unmapped: number;
  readonly undefined: number;
}

export interface ParentInfo {
  readonly linkage: Guid;
  readonly linkage2: Guid | null;
  readonly relativePath: string | null;
  readonly absolutePath: string | null;
  readonly volumePath: string | null;
  readonly resolvedPath: string | null;
}

/** The document of `disk info`. */
export interface DiskInfo {
  readonly path: string;
  readonly format: 'vhdx' | 'raw';
  readonly subformat: 'fixed' | 'dynamic' | 'differencing' | null;
  readonly virtualSize: number;
  readonly fileSize: number;
  readonly blockSize: number | null;
  readonly logicalSectorSize: number;
  readonly physicalSectorSize: number | null;
  /** Bytes of payload blocks in this file, whole blocks counted. */
  readonly allocatedBytes: number;
  readonly diskId: Guid | null;
  readonly dataWriteGuid: Guid | null;
  readonly creator: string | null;
  readonly log: 'clean' | 'dirty' | null;
  readonly blocks: BlockCounts | null;
  readonly parent: ParentInfo | null;
  /** Paths, the child first. */
  readonly chain: readonly string[];
}

export async function diskInfo(opened: OpenedDisk, signal: AbortSignal): Promise<DiskInfo> {
  const { disk, format, chain, fileSize } = opened;
  const [layer] = opened.layers;
  const common = {
    path: chain[0] ?? disk.name,
    format,
    virtualSize: disk.size,
    fileSize,
    logicalSectorSize: disk.logicalSectorSize,
    chain,
  };
  if (layer === undefined) {
    return {
      ...common,
      subformat: null,
      blockSize: null,
      physicalSectorSize: null,
      allocatedBytes: fileSize,
      diskId: null,
      dataWriteGuid: null,
      creator: null,
      log: null,
      blocks: null,
      parent: null,
    };
  }
  const blocks = await countBlocks(layer, signal);
  const { blockSize, physicalSectorSize, diskId } = layer.metadata;
  return {
    ...common,
    subformat: layer.subformat,
    blockSize,
    physicalSectorSize,
    allocatedBytes: (blocks.present + blocks.partial) * blockSize,
    diskId,
    dataWriteGuid: layer.header.dataWriteGuid,
    creator: layer.identifier.creator,
    log: layer.log,
    blocks,
    parent: parentInfo(layer, chain[1]),
  };
}

/** How many payload blocks have each state; streams the whole BAT and so checks every entry. */
export async function countBlocks(layer: VhdxImage, signal: AbortSignal): Promise<BlockCounts> {
  const counts = new Map<number, number>();
  const total = payloadBlockCount(layer.metadata);
  for await (const runs of layer.blockRuns(0, total, signal)) {
    for (const { first, end, entry } of runs) {
      counts.set(entry.state, (counts.get(entry.state) ?? 0) + end - first);
    }
  }
  const of = (state: number): number => counts.get(state) ?? 0;
  return {
    present: of(FULLY_PRESENT),
    partial: of(PARTIALLY_PRESENT),
    zero: of(ZERO),
    notPresent: of(NOT_PRESENT),
    unmapped: of(UNMAPPED),
    undefined: of(UNDEFINED),
  };
}

function parentInfo(layer: VhdxImage, resolvedPath: string | undefined): ParentInfo | null {
  const locator = layer.metadata.parent;
  if (locator === undefined) return null;
  return {
    linkage: locator.linkage,
    linkage2: locator.linkage2 ?? null,
    relativePath: locator.relativePath ?? null,
    absolutePath: locator.absolutePath ?? null,
    volumePath: locator.volumePath ?? null,
    resolvedPath: resolvedPath ?? null,
  };
}
