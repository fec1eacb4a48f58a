import type { Guid } from '../../base/guid.ts';
import { mapDisk, type LostEntry } from './disk-map.ts';
import { DiskFindings, type DiskFinding } from './disk-findings.ts';
import type { SurveyedDisk } from '../survey/survey-disk.ts';
import {
  FULLY_PRESENT,
  NOT_PRESENT,
  PARTIALLY_PRESENT,
  UNDEFINED,
  UNMAPPED,
  ZERO,
} from '../vhdx/structures/bat-entry.ts';
import { payloadBlockCount } from '../vhdx/structures/layout.ts';
import { subformat } from '../vhdx/structures/metadata-items.ts';
import type { ParentLocator } from '../vhdx/structures/parent-locator.ts';
import type { VhdxImage } from '../vhdx/read/vhdx-image.ts';

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

/** The document of `disk info`. Values that could not be read from a damaged image are null. */
export interface DiskInfo {
  readonly path: string;
  readonly format: 'vhdx' | 'raw';
  readonly subformat: 'fixed' | 'dynamic' | 'differencing' | null;
  readonly virtualSize: number | null;
  readonly fileSize: number;
  readonly blockSize: number | null;
  readonly logicalSectorSize: number | null;
  readonly physicalSectorSize: number | null;
  /** Bytes of payload blocks in this file, in whole blocks. */
  readonly allocatedBytes: number | null;
  readonly diskId: Guid | null;
  readonly dataWriteGuid: Guid | null;
  readonly creator: string | null;
  readonly log: 'clean' | 'dirty' | null;
  readonly blocks: BlockCounts | null;
  readonly parent: ParentInfo | null;
  /** Paths, the child first. */
  readonly chain: readonly string[];
  readonly findings: readonly DiskFinding[];
  /**
   * Unreadable parts of the disk, at most {@link MAX_LOST}; searched only if a defect was found.
   */
  readonly lost: readonly LostEntry[];
  /** Total bytes of all unreadable parts. */
  readonly lostBytes: number;
}

/** Maximum number of listed lost parts: a damaged table can have millions. */
const MAX_LOST = 1000;

/**
 * Describes an image, intact or damaged. Streams the BAT of the image itself, so that every entry
 * is checked.
 */
export async function diskInfo(surveyed: SurveyedDisk, signal: AbortSignal): Promise<DiskInfo> {
  const { raw, top, fileSize, format, chain } = surveyed;
  const path = chain[0] ?? '';
  if (top === undefined) {
    return {
      path,
      format,
      ...NOTHING_KNOWN,
      virtualSize: raw?.size ?? null,
      fileSize,
      logicalSectorSize: raw?.logicalSectorSize ?? null,
      allocatedBytes: fileSize,
      chain,
    };
  }
  const { identifier, header, metadata, log } = top.known;
  const { image } = top;
  const findings = new DiskFindings(path);
  for (const problem of top.problems) findings.add(problem);
  if (surveyed.ends !== undefined) findings.add(surveyed.ends);
  if (top.logIgnored) findings.addLogIgnored();
  const counted = image === undefined ? undefined : await countBlocks(image, signal);
  const damaged = findings.damaged || counted?.wrong === true;
  const lost = damaged ? await lostParts(surveyed, findings, signal) : NO_LOSS;
  return {
    path,
    format,
    ...NOTHING_KNOWN,
    fileSize,
    creator: identifier?.creator ?? null,
    dataWriteGuid: header?.dataWriteGuid ?? null,
    log: log ?? null,
    ...(metadata === undefined
      ? {}
      : {
          subformat: subformat(metadata),
          virtualSize: metadata.virtualSize,
          blockSize: metadata.blockSize,
          logicalSectorSize: metadata.logicalSectorSize,
          physicalSectorSize: metadata.physicalSectorSize,
          diskId: metadata.diskId,
          parent: parentInfo(metadata.parent, chain[1]),
        }),
    ...(counted === undefined || metadata === undefined
      ? {}
      : {
          blocks: counted.blocks,
          allocatedBytes: (counted.blocks.present + counted.blocks.partial) * metadata.blockSize,
        }),
    chain,
    findings: findings.list,
    ...lost,
  };
}

const NO_LOSS = { lost: [], lostBytes: 0 } as const;

const NOTHING_KNOWN = {
  subformat: null,
  virtualSize: null,
  blockSize: null,
  logicalSectorSize: null,
  physicalSectorSize: null,
  allocatedBytes: null,
  diskId: null,
  dataWriteGuid: null,
  creator: null,
  log: null,
  blocks: null,
  parent: null,
  findings: [],
  ...NO_LOSS,
} as const;

/**
 * Counts payload blocks by state. Streams the whole BAT and so checks every entry; does not count
 * blocks of invalid ones.
 */
async function countBlocks(
  layer: VhdxImage,
  signal: AbortSignal,
): Promise<{ readonly blocks: BlockCounts; readonly wrong: boolean }> {
  const counts = new Map<number, number>();
  const total = payloadBlockCount(layer.metadata);
  let wrong = false;
  for await (const runs of layer.surveyedRuns(0, total, signal)) {
    for (const run of runs) {
      if ('error' in run) wrong = true;
      else counts.set(run.entry.state, (counts.get(run.entry.state) ?? 0) + run.end - run.first);
    }
  }
  const of = (state: number): number => counts.get(state) ?? 0;
  const blocks = {
    present: of(FULLY_PRESENT),
    partial: of(PARTIALLY_PRESENT),
    zero: of(ZERO),
    notPresent: of(NOT_PRESENT),
    unmapped: of(UNMAPPED),
    undefined: of(UNDEFINED),
  };
  return { blocks, wrong };
}

async function lostParts(
  surveyed: SurveyedDisk,
  findings: DiskFindings,
  signal: AbortSignal,
): Promise<Pick<DiskInfo, 'lost' | 'lostBytes'>> {
  const lost: LostEntry[] = [];
  let lostBytes = 0;
  for await (const entry of mapDisk(surveyed, signal, (error, part) => findings.add(error, part))) {
    if (!('lost' in entry)) continue;
    lostBytes += entry.length;
    if (lost.length < MAX_LOST) lost.push(entry);
  }
  return { lost, lostBytes };
}

function parentInfo(
  locator: ParentLocator | undefined,
  resolvedPath: string | undefined,
): ParentInfo | null {
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
