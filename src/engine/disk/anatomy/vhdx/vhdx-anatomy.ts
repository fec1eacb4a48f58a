import type { ByteSource } from '../../../source/byte-source.ts';
import type { Findings } from '../../inspect/findings.ts';
import { inspectVhdx, type InspectedVhdx } from '../../vhdx/inspect/inspect-vhdx.ts';
import { ITEM_PARENT_LOCATOR, MIB } from '../../vhdx/structures/layout.ts';
import { locatorEntries } from '../../vhdx/structures/locator/locator-fields.ts';
import { subformat } from '../../vhdx/structures/metadata/metadata-items.ts';
import { batNode } from '../blocks/bat-node.ts';
import { BatScan } from '../blocks/bat-scan.ts';
import { BatBlocks } from '../blocks/bat-blocks.ts';
import { ABSENT, blockTable, UNMAPPED_BLOCK, type BlockTable } from '../blocks/block-states.ts';
import type { DiskAnatomy } from '../blocks/disk-anatomy.ts';
import { FileSpace } from '../blocks/file-space.ts';
import { headNodes } from './head.ts';
import { logNode } from './log.ts';
import { metadataNode } from './metadata.ts';
import { regionTableNodes } from './region-tables.ts';
import { fileParts, structures } from './structures.ts';

/**
 * Shows a VHDX from front to back. Damage becomes findings and is skipped; throws only for an
 * aborted signal or a bug.
 */
export async function vhdxAnatomy(
  file: ByteSource,
  findings: Findings,
  signal: AbortSignal,
): Promise<DiskAnatomy> {
  const inspected = await inspectVhdx(file, signal);
  const { head, log, regions, metadata: described, bat } = inspected;
  const { source } = log;
  findings.defects(inspected.defects);
  const header = head.headers.chosen?.header;
  const logged =
    header === undefined || header.logLength === 0
      ? []
      : [await logNode(file, header, log, findings, signal)];
  const parts = structures(header, regions.regions);
  const space = new FileSpace(source.size);
  for (const { start, length } of parts) space.addStructure(start, length);
  // The first MiB is reserved for the head.
  space.addStructure(0, MIB);
  const blocks = await scanBlocks(inspected, space, findings, signal);
  const inside = parts.every(({ start, length }) => start + length <= source.size);
  const whole = inside && blocks?.scan.pastEnd === false;
  checkSpace(file.size, whole, blocks === undefined ? undefined : space, findings);
  const tree = [
    ...headNodes(head),
    ...regionTableNodes(regions),
    ...logged,
    ...(described === undefined ? [] : [metadataNode(described)]),
    ...(bat === undefined ? [] : [batNode(bat, blocks?.table, blocks?.scan)]),
  ];
  const metadata = described?.metadata;
  const locator = described?.items.get(ITEM_PARENT_LOCATOR);
  const texts = locatorEntries(locator?.bytes ?? new Uint8Array(0)).flatMap(({ key, value }) =>
    key.text === undefined || value.text === undefined ? [] : [[key.text, value.text] as const],
  );
  return {
    format: 'vhdx',
    subformat: metadata === undefined ? null : subformat(metadata),
    virtualSize: metadata?.virtualSize ?? null,
    blockSize: metadata?.blockSize ?? null,
    parts: fileParts(parts, space, file.size),
    tree,
    blocks: blocks === undefined ? undefined : new BatBlocks(blocks.table, blocks.scan),
    locator: metadata?.parent === undefined ? undefined : new Map(texts),
    linkage: metadata?.parent,
    locatorAt: locator?.at ?? null,
  };
}

async function scanBlocks(
  { log, bat, metadata: described }: InspectedVhdx,
  space: FileSpace,
  findings: Findings,
  signal: AbortSignal,
): Promise<{ readonly table: BlockTable; readonly scan: BatScan } | undefined> {
  const metadata = described?.metadata;
  if (bat === undefined || metadata === undefined) return undefined;
  const table = blockTable(log.source, bat, metadata);
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
