import { fieldDefects, number, oneOf, zero } from '../../../inspect/field-rules.ts';
import { fields, readField, writeFields } from '../../../inspect/fields.ts';
import { checksumDefect, seal } from '../checksum.ts';
import {
  MAX_TABLE_ENTRIES,
  REGION_BAT,
  REGION_METADATA,
  REGION_TABLE_OFFSETS,
  REGION_TABLE_SIZE,
} from '../layout.ts';
import {
  decodeRegionEntry,
  encodeRegionEntry,
  REGION_ENTRY_SIZE,
  regionEntryDefects,
  regionName,
  type Region,
} from './region-entry.ts';
import { firstError, ofReplaced, refuse, tooShort, type VhdxDefect } from '../vhdx-defect.ts';

/**
 * Region table (MS-VHDX 2.2.3), 64 KiB, stored twice. A file with an unknown required region is
 * rejected.
 */
export interface RegionTable {
  readonly bat: Region;
  readonly metadata: Region;
  /** Optional regions of unknown kinds. */
  readonly others: readonly Region[];
}

const SECTION = 'MS-VHDX 2.2.3.1';
const HEADER_SIZE = 16;

export const REGION_TABLE = fields(SECTION, {
  Signature: [
    0,
    4,
    'ascii',
    'The letters “regi”',
    oneOf('vhdx.region.signature', ['regi'], { error: 'vhdx.region.signature' }),
  ],
  Checksum: [4, 4, 'crc32', 'CRC-32C over the 64 KiB, this field counted as zero'],
  EntryCount: [
    8,
    4,
    'u32',
    'At most 2047',
    number(
      'vhdx.region.count',
      `at most ${MAX_TABLE_ENTRIES}`,
      (value) => value <= MAX_TABLE_ENTRIES,
      { error: 'vhdx.region.count' },
    ),
  ],
  Reserved: [12, 4, 'reserved', 'Zero', zero('vhdx.region.reserved')],
});

const nameOf = (at: number): string => `region table ${at === REGION_TABLE_OFFSETS[1] ? 2 : 1}`;

/** An entry of a table and its offset in the file. */
export interface PlacedRegion extends Region {
  readonly at: number;
  /** Bytes of the entry. */
  readonly bytes: Uint8Array;
}

/** Returns the entries of a table that has the right signature, unchecked and in order. */
export function regionEntries(bytes: Uint8Array, at: number): readonly PlacedRegion[] {
  if (bytes.length < HEADER_SIZE || readField(REGION_TABLE.Signature, bytes) !== 'regi') return [];
  const fit = Math.floor((bytes.length - HEADER_SIZE) / REGION_ENTRY_SIZE);
  const count = Math.min(readField(REGION_TABLE.EntryCount, bytes), fit, MAX_TABLE_ENTRIES);
  return Array.from({ length: count }, (_, i) => {
    const start = HEADER_SIZE + i * REGION_ENTRY_SIZE;
    const entry = bytes.subarray(start, start + REGION_ENTRY_SIZE);
    return { ...decodeRegionEntry(entry), at: at + start, bytes: entry };
  });
}

/** Returns the defects that make a copy count for nothing: signature and checksum. */
function copyDefects(bytes: Uint8Array, at: number): VhdxDefect[] {
  const name = nameOf(at);
  const short = tooShort(bytes, REGION_TABLE_SIZE, name, at, SECTION);
  if (short.length > 0) return short;
  const table = { Signature: REGION_TABLE.Signature };
  const signature = fieldDefects<'vhdx.region.signature'>(table, bytes, name, at);
  if (signature.length > 0) return signature;
  const whole = bytes.subarray(0, REGION_TABLE_SIZE);
  return checksumDefect(REGION_TABLE.Checksum, whole, name, at, 'vhdx.region.checksum');
}

/** Returns all defects of a table: of a damaged copy, only `copy`, which say so. */
function regionTableDefects(
  bytes: Uint8Array,
  at: number,
  copy: readonly VhdxDefect[],
): readonly VhdxDefect[] {
  if (copy.length > 0) return copy;
  const own: VhdxDefect[] = fieldDefects(REGION_TABLE, bytes, nameOf(at), at);
  if (own.some(({ field }) => field === 'EntryCount')) return own;
  const entries = regionEntries(bytes, at);
  return [
    ...own,
    ...entries.flatMap((entry) => regionEntryDefects(entry.bytes, entry.at)),
    ...togetherDefects(entries, at),
  ];
}

function decodeRegionTable(
  bytes: Uint8Array,
  fileOffset: number,
  defects: readonly VhdxDefect[],
): RegionTable {
  refuse(defects);
  const regions = regionEntries(bytes, fileOffset).map(
    ({ at: _at, bytes: _bytes, ...region }) => region,
  );
  const of = (wanted: Region['id']): Region => regions.find(({ id }) => id === wanted) as Region;
  return {
    bat: of(REGION_BAT),
    metadata: of(REGION_METADATA),
    others: regions.filter(({ id }) => id !== REGION_BAT && id !== REGION_METADATA),
  };
}

/** The two tables as the file has them. */
export interface RegionTables {
  /** The copy that readers use; the first is preferred. Undefined if neither is intact. */
  readonly used: 0 | 1 | undefined;
  /** Defects of each; those of a copy that the other replaces are warnings without error. */
  readonly defects: readonly [readonly VhdxDefect[], readonly VhdxDefect[]];
  readonly together: readonly VhdxDefect[];
}

/** Checks the two copies. An intact copy with an impossible entry is never replaced by the other. */
export function judgeRegionTables(first: Uint8Array, second: Uint8Array): RegionTables {
  const [a, b] = REGION_TABLE_OFFSETS;
  const broken = [copyDefects(first, a), copyDefects(second, b)] as const;
  const all = [
    regionTableDefects(first, a, broken[0]),
    regionTableDefects(second, b, broken[1]),
  ] as const;
  const used = broken[0].length === 0 ? 0 : broken[1].length === 0 ? 1 : undefined;
  if (used === undefined) return { used, defects: all, together: [noneOf(all)] };
  const other = used === 0 ? 1 : 0;
  const copy = broken[other].map(ofReplaced);
  const differ = broken[other].length === 0 && Buffer.compare(first, second) !== 0;
  return {
    used,
    defects: used === 0 ? [all[0], copy] : [copy, all[1]],
    together: differ ? [COPIES] : [],
  };
}

const COPIES: VhdxDefect = {
  code: 'vhdx.region.copies',
  severity: 'warning',
  structure: 'the two region tables',
  offset: REGION_TABLE_OFFSETS[1],
  found: 'two different tables',
  expected: 'equal copies',
  section: 'MS-VHDX 2.2.3',
  text: 'the two region tables are both valid, but differ; the first is used',
};

function noneOf(all: readonly (readonly VhdxDefect[])[]): VhdxDefect {
  const errors = all.map(firstError);
  const text = errors.map((error) => error?.message).join('; ');
  return {
    code: 'vhdx.region.none',
    error: 'vhdx.region.none',
    structure: 'the two region tables',
    offset: REGION_TABLE_OFFSETS[0],
    found: 'no valid table',
    expected: 'one valid table at least',
    section: 'MS-VHDX 2.2.3',
    text: `neither region table is valid: ${text}`,
    data: { first: errors[0]?.code ?? '', second: errors[1]?.code ?? '' },
  };
}

/** Returns the table of an intact copy; the first is preferred. */
export function chooseRegionTable(first: Uint8Array, second: Uint8Array): RegionTable {
  const { used, defects, together } = judgeRegionTables(first, second);
  if (used === undefined) refuse(together);
  const bytes = used === 1 ? second : first;
  return decodeRegionTable(bytes, REGION_TABLE_OFFSETS[used ?? 0], defects[used ?? 0]);
}

export function encodeRegionTable(table: RegionTable): Uint8Array<ArrayBuffer> {
  const regions = [table.bat, table.metadata, ...table.others];
  const bytes = new Uint8Array(REGION_TABLE_SIZE);
  writeFields(REGION_TABLE, bytes, { Signature: 'regi', EntryCount: regions.length });
  regions.forEach((region, i) => {
    encodeRegionEntry(region, bytes.subarray(HEADER_SIZE + i * REGION_ENTRY_SIZE));
  });
  return seal(REGION_TABLE.Checksum, bytes);
}

/** Returns the defects of entries that exclude one another, and of absent or unknown regions. */
function togetherDefects(entries: readonly PlacedRegion[], tableAt: number): VhdxDefect[] {
  const found: VhdxDefect[] = [];
  const base = { structure: nameOf(tableAt), section: 'MS-VHDX 2.2.3.2', offset: tableAt } as const;
  const tell = (defect: Partial<VhdxDefect> & Pick<VhdxDefect, 'code' | 'text'>): void => {
    found.push({ ...base, found: '', expected: '', ...defect });
  };
  const seen = new Set<string>();
  for (const { id, at, required } of entries) {
    if (seen.has(id)) {
      const text = `region ${id} is listed twice`;
      const code = 'vhdx.region.duplicate';
      tell({ code, error: code, offset: at, text, found: id, expected: 'each region once' });
    }
    seen.add(id);
    if (id === REGION_BAT || id === REGION_METADATA) continue;
    const data = { region: id };
    if (required) {
      const text = `the file needs a reader that understands region ${id}; this one does not`;
      const code = 'vhdx.region.unknown';
      tell({ code, error: code, offset: at, text, found: id, expected: 'a known region', data });
    } else {
      const text = `the optional region ${id} is unknown; readers ignore it`;
      tell({ code: 'vhdx.region.optional', severity: 'info', offset: at, text, data, found: id });
    }
  }
  for (const id of [REGION_BAT, REGION_METADATA]) {
    if (seen.has(id)) continue;
    const text = `the region table has no ${regionName(id)} region`;
    const code = 'vhdx.region.missing';
    tell({ code, error: code, text, found: 'no entry', expected: id, data: { region: id } });
  }
  const sorted = [...entries].sort((x, y) => x.offset - y.offset);
  for (const [i, after] of sorted.entries()) {
    const before = sorted[i - 1];
    if (before === undefined || before.offset + before.length <= after.offset) continue;
    const text = `regions ${before.id} and ${after.id} overlap`;
    const code = 'vhdx.region.overlap';
    const data = { first: before.id, second: after.id };
    const expected = `at least ${before.offset + before.length}`;
    tell({ code, error: code, offset: after.at, text, data, found: after.offset, expected });
  }
  return found;
}
