import { alignDown } from '../../../base/range.ts';
import type { ByteSource } from '../../../source/byte-source.ts';
import { LoadBudget } from '../../../source/load-budget.ts';
import { Qcow2Image } from '../../qcow2/read/qcow2-image.ts';
import { readHead, type Qcow2Head } from '../../qcow2/read/read-head.ts';
import type { Qcow2Header } from '../../qcow2/structures/header.ts';
import { decodeL1Entry } from '../../qcow2/structures/l1-table.ts';
import { L1_ENTRY, section, type Geometry } from '../../qcow2/structures/layout.ts';
import type { DiskAnatomy } from '../blocks/disk-anatomy.ts';
import type { DiskBlocks } from '../blocks/disk-blocks.ts';
import { RunBlocks } from '../blocks/run-blocks.ts';
import { NOTHING } from '../blocks/raw-anatomy.ts';
import type { Findings } from '../../inspect/findings.ts';
import { node, type FieldNode, type FilePart } from '../../inspect/model.ts';
import { tiled } from '../vhd/vhd-file-parts.ts';
import { ClusterUse } from './cluster-use.ts';
import { MAX_CLUSTERS, qcow2Runs } from './qcow2-blocks.ts';
import { headNodes } from './qcow2-nodes.ts';

/** Memory for tables while they are scanned. */
const BUDGET = 4 * 2 ** 20;
/** Bytes of a table that are read at once. */
const PIECE = 2 ** 20;

/** Reads the structures of a qcow2 image (qemu, docs/interop/qcow2.txt), and the use of its clusters. */
export async function qcow2Anatomy(
  file: ByteSource,
  findings: Findings,
  signal: AbortSignal,
): Promise<DiskAnatomy> {
  const head = await readHead(file, signal);
  findings.defects(head.defects);
  const { header, geometry, backing } = head;
  const known: FilePart[] = [];
  const tree: FieldNode[] = [...headNodes(head)];
  let blocks: DiskBlocks | undefined;
  let rest: Pick<FilePart, 'kind' | 'label'> = { kind: 'unknown', label: 'Not decoded' };
  if (header !== undefined && geometry !== undefined) {
    known.push(...tableParts(header, geometry));
    const use = new ClusterUse(file.size, geometry.clusterSize);
    const tables = await useOfTables(file, header, geometry, use, findings, signal);
    const clusters = await useOfData(file, head, use, findings, signal);
    known.push(...use.parts());
    blocks = await mapOf(file, head, header, geometry, signal);
    tree.push(...tableNodes(header, tables, clusters));
    rest =
      clusters.compressed === 0
        ? { kind: 'unused', label: 'Not used' }
        : { kind: 'unknown', label: 'Compressed or not used' };
  }
  return {
    ...NOTHING,
    format: 'qcow2',
    subformat: backing === undefined ? 'dynamic' : 'differencing',
    virtualSize: geometry?.size ?? null,
    blockSize: geometry?.clusterSize ?? null,
    parts: tiled(known, rest, file.size),
    tree,
    blocks,
    locator:
      backing === undefined
        ? undefined
        : new Map([['relative_path', backing.path ?? backing.name]]),
    locatorAt: header?.backingOffset ?? null,
  };
}

function tableParts(header: Qcow2Header, { clusterSize }: Geometry): readonly FilePart[] {
  const { l1Offset, l1Size, refcountTableOffset, refcountTableClusters } = header;
  return [
    { kind: 'header', label: 'Header', start: 0, length: clusterSize },
    { kind: 'bat', label: 'L1 table', start: l1Offset, length: l1Size * L1_ENTRY },
    {
      kind: 'metadata',
      label: 'Refcount table',
      start: refcountTableOffset,
      length: refcountTableClusters * clusterSize,
    },
  ];
}

/** Marks the clusters that the L1 table and the refcount table name; returns the number of L2 tables. */
async function useOfTables(
  file: ByteSource,
  header: Qcow2Header,
  { clusterSize }: Geometry,
  use: ClusterUse,
  findings: Findings,
  signal: AbortSignal,
): Promise<number> {
  const { l1Offset, l1Size, refcountTableOffset, refcountTableClusters } = header;
  let l2Tables = 0;
  const mark = (offset: number): boolean => {
    const there = offset > 0 && offset + clusterSize <= file.size;
    if (there) use.addTable(offset, clusterSize);
    return there;
  };
  try {
    for await (const view of pieces(file, l1Offset, l1Size * L1_ENTRY, signal)) {
      for (let at = 0; at < view.byteLength; at += L1_ENTRY) {
        if (mark(decodeL1Entry(view, at / L1_ENTRY).offset)) l2Tables++;
      }
    }
    const bytes = refcountTableClusters * clusterSize;
    for await (const view of pieces(file, refcountTableOffset, bytes, signal)) {
      for (let at = 0; at < view.byteLength; at += 8) mark(Number(view.getBigUint64(at)));
    }
  } catch (error) {
    signal.throwIfAborted();
    findings.caught(error, l1Offset);
  }
  return l2Tables;
}

/** Yields the whole entries of a table, as far as the file holds them. */
async function* pieces(
  file: ByteSource,
  offset: number,
  length: number,
  signal: AbortSignal,
): AsyncGenerator<DataView> {
  const end = offset + alignDown(Math.max(0, Math.min(length, file.size - offset)), L1_ENTRY);
  for (let at = offset; at < end; at += PIECE) {
    const bytes = new Uint8Array(Math.min(PIECE, end - at));
    await file.read(at, bytes, signal);
    yield new DataView(bytes.buffer);
  }
}

/** Returns the states of the clusters; undefined if there are too many for a map. */
async function mapOf(
  file: ByteSource,
  head: Qcow2Head,
  header: Qcow2Header,
  geometry: Geometry,
  signal: AbortSignal,
): Promise<DiskBlocks | undefined> {
  const image = Qcow2Image.of(file, head, { budget: new LoadBudget(BUDGET) });
  const table = qcow2Runs(file, image, header, geometry);
  if (table.total > MAX_CLUSTERS || table.total === 0) return undefined;
  // The survey reports parts that cannot be read.
  return RunBlocks.read(table, () => undefined, signal);
}

interface ClusterBytes {
  readonly data: number;
  readonly compressed: number;
  readonly zero: number;
  readonly lost: number;
}

/** Marks the clusters that hold data; an entry that cannot be followed is a finding. */
async function useOfData(
  file: ByteSource,
  head: Qcow2Head,
  use: ClusterUse,
  findings: Findings,
  signal: AbortSignal,
): Promise<ClusterBytes> {
  const sums = { data: 0, compressed: 0, zero: 0, lost: 0 };
  const image = Qcow2Image.of(file, head, { budget: new LoadBudget(BUDGET) });
  for await (const batch of image.surveyedIn([{ start: 0, end: image.size }], signal)) {
    for (const extent of batch) {
      const length = extent.end - extent.start;
      if (extent.kind === 'lost') {
        findings.caught(extent.error, null);
        sums.lost += length;
      } else if (extent.kind === 'zero') sums.zero += length;
      else if (extent.kind === 'data' && extent.offset < 0) sums.compressed += length;
      else if (extent.kind === 'data') {
        use.addData(extent.offset, length);
        sums.data += length;
      }
    }
  }
  return sums;
}

function tableNodes(
  { l1Offset, l1Size, refcountTableOffset, refcountTableClusters, clusterBits }: Qcow2Header,
  l2Tables: number,
  { data, compressed, zero, lost }: ClusterBytes,
): readonly FieldNode[] {
  const clusters = (bytes: number): number => Math.ceil(bytes / 2 ** clusterBits);
  const counts = [
    `${l2Tables} L2 tables`,
    `${clusters(data)} clusters with data`,
    ...(compressed > 0 ? [`${clusters(compressed)} compressed`] : []),
    ...(zero > 0 ? [`${clusters(zero)} zero`] : []),
    ...(lost > 0 ? [`${clusters(lost)} lost`] : []),
  ];
  return [
    node('L1 table', {
      value: counts.join(', '),
      at: [l1Offset, l1Size * L1_ENTRY],
      state: lost > 0 ? 'bad' : 'ok',
      help: `Offsets of the L2 tables, which name the clusters of the disk (${section('Cluster mapping')})`,
    }),
    node('Refcount table', {
      value: `${refcountTableClusters} clusters`,
      at: [refcountTableOffset, refcountTableClusters * 2 ** clusterBits],
      help: `Offsets of the blocks that count the users of each cluster (${section('Host cluster management')})`,
    }),
  ];
}
