import type { ByteSource } from '../../../source/byte-source.ts';
import { LoadBudget } from '../../../source/load-budget.ts';
import type { FoundFooter } from '../../vhd/read/footers.ts';
import { parentPaths } from '../../vhd/read/parent-paths.ts';
import { scanBat, type BatScan } from '../../vhd/read/scan-bat.ts';
import { VhdImage } from '../../vhd/read/vhd-image.ts';
import { readParts, type VhdParts } from '../../vhd/read/vhd-parts.ts';
import { bitmapBytes, blockCount } from '../../vhd/structures/layout.ts';
import type { DiskAnatomy } from '../blocks/disk-anatomy.ts';
import type { DiskBlocks } from '../blocks/disk-blocks.ts';
import { RunBlocks } from '../blocks/run-blocks.ts';
import { NOTHING } from '../blocks/raw-anatomy.ts';
import { fieldNodes } from '../../inspect/field-nodes.ts';
import type { Findings } from '../../inspect/findings.ts';
import { node, type FieldNode } from '../../inspect/model.ts';
import { vhdRuns } from './vhd-blocks.ts';
import { FOOTER } from './vhd-fields.ts';
import { batNode, headerNodes } from './vhd-nodes.ts';
import { fileParts } from './vhd-file-parts.ts';

/** Memory for the BAT while it is scanned. */
const BUDGET = 2 ** 20;

/** Reads every structure of a VHD; undefined if the file has not a footer at any of its places. */
export async function vhdAnatomy(
  file: ByteSource,
  findings: Findings,
  signal: AbortSignal,
): Promise<DiskAnatomy | undefined> {
  const parts = await readParts(file, signal);
  const { footers, subformat, size, header, headerBytes, locators } = parts;
  if (footers.tail === undefined && footers.copy === undefined) return undefined;
  const found = await scanned(parts, findings, signal);
  const scan = found?.scan;
  findings.defects([...parts.defects, ...(scan?.defects ?? [])]);
  const shown = [footers.tail, footers.copy].filter((each) => each !== undefined);
  const paths =
    subformat === 'differencing' && header !== undefined
      ? parentPaths(header, locators)
      : undefined;
  return {
    ...NOTHING,
    format: 'vhd',
    subformat: subformat ?? null,
    virtualSize: size?.size ?? null,
    blockSize: header?.blockSize ?? null,
    parts: fileParts(parts, scan?.spans ?? []),
    tree: [
      ...shown.map(footerNode),
      ...headerNodes(parts),
      ...(scan === undefined || header === undefined ? [] : [batNode(header, scan)]),
    ],
    blocks: found?.blocks,
    locator: paths === undefined ? undefined : new Map(textsOf(paths)),
    locatorAt: headerBytes?.offset ?? null,
  };
}

async function scanned(
  parts: VhdParts,
  findings: Findings,
  signal: AbortSignal,
): Promise<{ readonly scan: BatScan; readonly blocks: DiskBlocks } | undefined> {
  const { header } = parts;
  const image = VhdImage.of(parts, new LoadBudget(BUDGET));
  if (image?.bat === undefined || header === undefined) return undefined;
  const { blockSize, batOffset } = header;
  const blocks = blockCount(image.size, blockSize);
  try {
    const length = blockSize + bitmapBytes(blockSize);
    const scan = await scanBat(image.bat, batOffset, blocks, length, signal);
    const table = vhdRuns({
      bat: image.bat,
      header,
      size: image.size,
      total: blocks,
      differencing: image.subformat === 'differencing',
      overlaps: scan.overlaps,
    });
    // The scan has read every page that this reads again.
    return { scan, blocks: await RunBlocks.read(table, () => undefined, signal) };
  } catch (error) {
    signal.throwIfAborted();
    findings.caught(error, batOffset);
    return undefined;
  }
}

function* textsOf({
  relativePath,
  absolutePath,
}: ReturnType<typeof parentPaths>): Generator<[string, string]> {
  if (relativePath !== undefined) yield ['relative_path', relativePath];
  if (absolutePath !== undefined) yield ['absolute_win32_path', absolutePath];
}

function footerNode({ offset, bytes, sound, defects }: FoundFooter): FieldNode {
  return node(offset === 0 ? 'Footer (copy at the start)' : 'Footer', {
    value: sound ? 'valid' : 'damaged',
    at: [offset, bytes.length],
    state: sound ? 'ok' : 'bad',
    help: 'Describes the disk (VHD 1.0, Hard Disk Footer Format)',
    children: fieldNodes(FOOTER, bytes, offset, defects),
  });
}
