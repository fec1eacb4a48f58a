import type { ByteSource } from '../../../source/byte-source.ts';
import { MIB, REGION_BAT, REGION_METADATA } from '../../vhdx/structures/layout.ts';
import { subformat } from '../../vhdx/structures/metadata-items.ts';
import { checkBatFits } from '../../vhdx/read/read-structures.ts';
import type { Region } from '../../vhdx/structures/region-table.ts';
import { batNode } from '../blocks/bat-node.ts';
import { BatScan } from '../blocks/bat-scan.ts';
import { ABSENT, blockTable, UNMAPPED_BLOCK } from '../blocks/block-states.ts';
import type { DiskAnatomy } from '../blocks/disk-anatomy.ts';
import { FileSpace } from '../blocks/file-space.ts';
import type { Findings } from '../model/findings.ts';
import { headAnatomy } from './head.ts';
import { logAnatomy } from './log.ts';
import { metadataAnatomy, type MetadataAnatomy } from './metadata.ts';
import { regionsAnatomy } from './region-tables.ts';
import { checkStructures, fileParts, structures } from './structures.ts';

/**
 * Reads a VHDX from front to back. Damage becomes findings and is skipped; throws only for an
 * aborted signal or a bug.
 */
export async function vhdxAnatomy(
  file: ByteSource,
  findings: Findings,
  signal: AbortSignal,
): Promise<DiskAnatomy> {
  const head = await headAnatomy(file, findings, signal);
  const log = await logAnatomy(file, head, findings, signal);
  const { source } = log;
  const tables = await regionsAnatomy(source, findings, signal);
  const parts = structures(head.header, tables.regions);
  checkStructures(parts, source.size, findings);
  const metadataRegion = tables.regions.find(({ id }) => id === REGION_METADATA);
  const described =
    metadataRegion === undefined
      ? undefined
      : await metadataAnatomy(source, metadataRegion, findings, signal);
  const space = new FileSpace(source.size);
  for (const { start, length } of parts) space.addStructure(start, length);
  // The first MiB is reserved for the head.
  space.addStructure(0, MIB);
  const bat = tables.regions.find(({ id }) => id === REGION_BAT);
  const blocks = await scanBlocks(source, bat, described, space, findings, signal);
  const inside = parts.every(({ start, length }) => start + length <= source.size);
  const whole = inside && blocks?.scan.pastEnd === false;
  checkSpace(file.size, whole, blocks === undefined ? undefined : space, findings);
  const tree = [
    ...head.nodes,
    ...tables.nodes,
    ...(log.node === undefined ? [] : [log.node]),
    ...(described === undefined ? [] : [described.node]),
    ...(bat === undefined ? [] : [batNode(bat, blocks?.table, blocks?.scan)]),
  ];
  const metadata = described?.metadata;
  return {
    format: 'vhdx',
    subformat: metadata === undefined ? null : subformat(metadata),
    virtualSize: metadata?.virtualSize ?? null,
    blockSize: metadata?.blockSize ?? null,
    parts: fileParts(parts, space, file.size),
    tree,
    blocks,
    locator: metadata?.parent === undefined ? undefined : described?.locator,
    linkage: metadata?.parent,
    locatorAt: described?.locatorAt ?? null,
  };
}

async function scanBlocks(
  source: ByteSource,
  bat: Region | undefined,
  described: MetadataAnatomy | undefined,
  space: FileSpace,
  findings: Findings,
  signal: AbortSignal,
): Promise<DiskAnatomy['blocks']> {
  const metadata = described?.metadata;
  if (bat === undefined || metadata === undefined) return undefined;
  try {
    checkBatFits(bat, metadata);
  } catch (error) {
    findings.caught(error, bat.offset);
  }
  const table = blockTable(source, bat, metadata);
  const scan = await BatScan.run(table, space, findings, signal);
  const counts = scan.overview.counts();
  const holes = (counts[ABSENT] ?? 0) + (counts[UNMAPPED_BLOCK] ?? 0);
  if (subformat(metadata) === 'fixed' && holes > 0) {
    const message = `${holes} blocks of this fixed disk are not allocated in the file`;
    findings.add('anatomy.fixed.holes', 'warning', message, bat.offset);
  }
  return { table, scan };
}

/** @param whole whether every structure and block is known to lie inside the file */
function checkSpace(
  fileSize: number,
  whole: boolean,
  space: FileSpace | undefined,
  findings: Findings,
): void {
  if (fileSize % MIB !== 0) {
    const message = `the file has ${fileSize} bytes, not a multiple of 1 MiB; ${
      whole
        ? 'some writers create such files, and no data is lost'
        : 'its end may have been cut off'
    }`;
    const severity = whole ? 'info' : 'warning';
    findings.add('anatomy.file.size', severity, message, fileSize - (fileSize % MIB));
  }
  if (space !== undefined && space.unused > 0) {
    const message = `${space.unused} MiB of the file are unused`;
    findings.add('anatomy.file.unused', 'info', message, null);
  }
}
