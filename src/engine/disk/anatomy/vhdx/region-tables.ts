import { ByteReader } from '../../../base/bytes/byte-reader.ts';
import { EngineError } from '../../../base/errors.ts';
import type { ByteSource } from '../../../source/byte-source.ts';
import {
  MAX_BAT_REGION,
  MAX_METADATA_REGION,
  MAX_TABLE_ENTRIES,
  MIB,
  REGION_BAT,
  REGION_METADATA,
  REGION_TABLE_OFFSETS,
  REGION_TABLE_SIZE,
} from '../../vhdx/structures/layout.ts';
import {
  chooseRegionTable,
  decodeRegionTable,
  type Region,
} from '../../vhdx/structures/region-table.ts';
import { fieldNodes } from '../model/fields.ts';
import type { Findings } from '../model/findings.ts';
import { load } from '../model/load.ts';
import { MAX_LISTED, moreNode, node, type FieldNode } from '../model/model.ts';
import { REGION_ENTRY, REGION_TABLE } from './vhdx-fields.ts';

const HEADER = 16;
const ENTRY = 32;

export interface RegionsAnatomy {
  readonly nodes: readonly FieldNode[];
  /** Regions; for a damaged table, those that can be recognised. */
  readonly regions: readonly Region[];
}

/**
 * Reads both region tables. If neither is valid, uses the entries of the one that looks like a
 * table.
 */
export async function regionsAnatomy(
  source: ByteSource,
  findings: Findings,
  signal: AbortSignal,
): Promise<RegionsAnatomy> {
  const copies: Uint8Array[] = [];
  const nodes: FieldNode[] = [];
  const errors: [EngineError, number][] = [];
  for (const [i, offset] of REGION_TABLE_OFFSETS.entries()) {
    const what = `region table ${i + 1}`;
    const { bytes } = await load(source, offset, REGION_TABLE_SIZE, what, findings, signal);
    const defect = defectOf(bytes, offset);
    if (defect !== undefined) errors.push([defect, placeOf(defect, bytes, offset)]);
    copies.push(bytes);
    nodes.push(tableNode(bytes, i, offset, defect));
  }
  const [first = new Uint8Array(0), second = new Uint8Array(0)] = copies;
  let regions: readonly Region[] | undefined;
  try {
    const table = chooseRegionTable(first, second);
    regions = [table.bat, table.metadata, ...table.others];
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
  }
  for (const [error, place] of errors) {
    findings.caught(error, place, regions === undefined ? 'error' : 'warning');
  }
  const differ = errors.length === 0 && first.some((byte, i) => byte !== second[i]);
  if (differ) {
    findings.add(
      'anatomy.region.copies',
      'warning',
      'the two region tables are both valid, but differ; the first is used',
      REGION_TABLE_OFFSETS[1],
    );
  }
  regions ??= [...plausible(first, source.size), ...plausible(second, source.size)].filter(
    (region, i, all) => all.findIndex(({ id }) => id === region.id) === i,
  );
  return { nodes, regions };
}

function defectOf(bytes: Uint8Array, offset: number): EngineError | undefined {
  try {
    decodeRegionTable(bytes, offset);
    return undefined;
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
}

/** For errors without an offset: a number in an entry that is too large. */
function placeOf(error: EngineError, bytes: Uint8Array, offset: number): number {
  if (error.code !== 'bytes.u64') return offset;
  const huge = entries(bytes).find(({ start }) => start > BigInt(Number.MAX_SAFE_INTEGER));
  return huge === undefined ? offset : offset + huge.at + 16;
}

interface RawEntry {
  readonly at: number;
  readonly id: Region['id'];
  readonly start: bigint;
  readonly length: number;
  readonly required: boolean;
}

/** Returns the unchecked entries of a table that has the right signature. */
function entries(bytes: Uint8Array): readonly RawEntry[] {
  if (bytes.length < HEADER) return [];
  const reader = new ByteReader(bytes, 'VHDX region table');
  if (reader.ascii(4) !== 'regi') return [];
  const claimed = reader.skip(4).u32();
  const fit = Math.floor((bytes.length - HEADER) / ENTRY);
  const found: RawEntry[] = [];
  for (let i = 0; i < Math.min(claimed, fit, MAX_TABLE_ENTRIES); i++) {
    const at = HEADER + i * ENTRY;
    reader.seek(at);
    found.push({
      at,
      id: reader.guid(),
      start: reader.u64Opaque(),
      length: reader.u32(),
      required: (reader.u32() & 1) === 1,
    });
  }
  return found;
}

/** Returns the regions that could lie at the place that a damaged table names. */
function plausible(bytes: Uint8Array, fileSize: number): readonly Region[] {
  return entries(bytes).flatMap(({ id, start, length, required }): Region[] => {
    const offset = Number(start);
    const limit = id === REGION_BAT ? MAX_BAT_REGION : MAX_METADATA_REGION;
    const placed = offset >= MIB && offset % MIB === 0 && length > 0 && length % MIB === 0;
    const fits = length <= limit && offset + length <= fileSize;
    return placed && fits ? [{ id, offset, length, required }] : [];
  });
}

function tableNode(
  bytes: Uint8Array,
  index: number,
  offset: number,
  defect: EngineError | undefined,
): FieldNode {
  const all = entries(bytes);
  const wrong = (code: string): 'ok' | 'bad' => (defect?.code === code ? 'bad' : 'ok');
  const signature = wrong('vhdx.region.signature');
  const head = fieldNodes(REGION_TABLE, bytes, offset, {
    Signature: signature,
    ...(signature === 'ok' ? { Checksum: wrong('vhdx.region.checksum') } : {}),
    EntryCount: defect?.code === 'vhdx.region.count' ? 'bad' : 'none',
  });
  const listed = all
    .slice(0, MAX_LISTED)
    .map((entry, i) => entryNode(bytes, offset, entry, i, defect));
  return node(`Region table ${index + 1}`, {
    value: defect === undefined ? `${all.length} regions` : 'not valid',
    at: [offset, REGION_TABLE_SIZE],
    state: defect === undefined ? 'ok' : 'bad',
    help: 'Locations of BAT and metadata; stored twice (MS-VHDX 2.2.3)',
    children: [...head, ...listed, ...moreNode(all.length - listed.length)],
  });
}

function entryNode(
  bytes: Uint8Array,
  offset: number,
  { at, id }: RawEntry,
  index: number,
  defect: EngineError | undefined,
): FieldNode {
  const bad = defect?.data['offset'] === offset + at;
  return node(`Entry ${index + 1}: ${regionName(id)}`, {
    at: [offset + at, ENTRY],
    state: bad ? 'bad' : 'none',
    help: 'Location of one region (MS-VHDX 2.2.3.2)',
    children: fieldNodes(REGION_ENTRY, bytes.subarray(at, at + ENTRY), offset + at),
  });
}

export function regionName(id: Region['id']): string {
  if (id === REGION_BAT) return 'BAT';
  return id === REGION_METADATA ? 'metadata' : `unknown region ${id}`;
}
