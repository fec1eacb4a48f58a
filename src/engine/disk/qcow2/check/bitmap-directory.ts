import type { ByteSource } from '../../../source/byte-source.ts';
import { plain } from '../../inspect/plain.ts';
import { decodeBitmaps } from '../structures/bitmaps-extension.ts';
import type { HeaderExtension } from '../structures/header-extensions.ts';
import type { Qcow2Defect } from '../structures/header-rules.ts';
import type { Qcow2Header } from '../structures/header.ts';
import { section } from '../structures/layout.ts';
import { bitmapsNote } from './bitmap-notes.ts';

/** Bytes of a directory entry (Bitmap directory) without its extra data and its name. */
const ENTRY = 24;
const TABLE_ENTRY = 8;
const MAX_NAME = 1023;
/** Limits of qemu for the bytes of the disk that a bit stands for, as powers of two. */
const MIN_GRANULARITY_BITS = 9;
const MAX_GRANULARITY_BITS = 31;
/** Maximum bytes of the tables of all bitmaps: bitmaps of 256 GiB at clusters of 64 KiB. */
const MAX_TABLE_BYTES = 32 * 2 ** 20;
/** Flags of an entry: the program that used the bitmap did not save it. */
const IN_USE = 1;
/** All flags: also “auto”, and “extra data is compatible”. */
const KNOWN_FLAGS = 7;
const DIRTY_TRACKING = 1;

/** The table of a bitmap (Bitmap table), inside the file. */
export interface BitmapTable {
  /** Name of the bitmap, safe to show. */
  readonly name: string;
  readonly offset: number;
  readonly entries: number;
}

/** The bitmaps of an image; their places are known only if the whole directory could be read. */
export interface Bitmaps {
  readonly tables: readonly BitmapTable[];
  /** Bytes of the directory; 0 without bitmaps. */
  readonly size: number;
  readonly offset: number;
  /** The first broken rule, which hides what follows. */
  readonly broken?: Qcow2Defect;
  /** Names the bitmaps, whose contents are not used. */
  readonly note?: Qcow2Defect;
}

/** An image without bitmaps that count. */
export const NO_BITMAPS: Bitmaps = { tables: [], size: 0, offset: 0 };

/**
 * Reads the bitmap directory of an image whose extension is sound. Bitmaps do not belong to the
 * contents of the disk: they are named and counted, not used. Throws `source.*`.
 */
export async function readBitmaps(
  source: ByteSource,
  header: Qcow2Header,
  extensions: readonly HeaderExtension[],
  signal: AbortSignal,
): Promise<Bitmaps> {
  const found = decodeBitmaps(extensions);
  if (found === undefined) return NO_BITMAPS;
  const { count, directorySize: size, directoryOffset: offset } = found;
  const bytes = new Uint8Array(size);
  await source.read(offset, bytes, signal);
  const view = new DataView(bytes.buffer);
  const tables: BitmapTable[] = [];
  let tableBytes = 0;
  let unsaved = 0;
  let at = 0;
  for (let i = 0; i < count; i++) {
    const fits = at + ENTRY <= size;
    const length = fits ? ENTRY + view.getUint32(at + 20) + view.getUint16(at + 18) : ENTRY;
    if (at + length > size) {
      return broken(i, offset + at, 'the end of the directory', 'an entry inside the directory');
    }
    const name = plain(
      new TextDecoder().decode(bytes.subarray(at + length - view.getUint16(at + 18), at + length)),
      60,
    );
    const table = { name, offset: Number(view.getBigUint64(at)), entries: view.getUint32(at + 8) };
    tableBytes += table.entries * TABLE_ENTRY;
    const problem = entryProblem(view, at) ?? tableProblem(table, header, source.size, tableBytes);
    if (problem !== undefined) return broken(i, offset + at, ...problem);
    if ((view.getUint32(at + 12) & IN_USE) !== 0) unsaved++;
    tables.push(table);
    at += Math.ceil(length / 8) * 8;
  }
  return { tables, size, offset, note: bitmapsNote(tables, unsaved, offset) };
}

type Problem = readonly [found: string, expected: string];

function entryProblem(view: DataView, at: number): Problem | undefined {
  const [flags, type, granularity] = [
    view.getUint32(at + 12),
    view.getUint8(at + 16),
    view.getUint8(at + 17),
  ];
  const nameLength = view.getUint16(at + 18);
  if ((flags & ~KNOWN_FLAGS) !== 0) return [`flags 0x${flags.toString(16)}`, 'bits 0 to 2'];
  if (type !== DIRTY_TRACKING) return [`type ${type}`, `type ${DIRTY_TRACKING}`];
  if (granularity < MIN_GRANULARITY_BITS || granularity > MAX_GRANULARITY_BITS) {
    return [
      `granularity bits ${granularity}`,
      `${MIN_GRANULARITY_BITS} to ${MAX_GRANULARITY_BITS} granularity bits`,
    ];
  }
  if (nameLength === 0 || nameLength > MAX_NAME) {
    return [`a name of ${nameLength} bytes`, `a name of 1 to ${MAX_NAME} bytes`];
  }
  return undefined;
}

function tableProblem(
  { offset, entries }: BitmapTable,
  { clusterBits }: Qcow2Header,
  fileSize: number,
  tableBytes: number,
): Problem | undefined {
  const clusterSize = 2 ** clusterBits;
  const placed =
    offset >= clusterSize &&
    offset % clusterSize === 0 &&
    offset + entries * TABLE_ENTRY <= fileSize;
  if (!placed) {
    return [
      `a table of ${entries} entries at ${offset}`,
      `one inside the file, at a multiple of ${clusterSize}`,
    ];
  }
  if (tableBytes <= MAX_TABLE_BYTES) return undefined;
  return [`tables of ${tableBytes} bytes`, `tables of at most ${MAX_TABLE_BYTES} bytes`];
}

const broken = (index: number, at: number, found: string, expected: string): Bitmaps => ({
  ...NO_BITMAPS,
  broken: {
    code: 'qcow2.bitmaps.entry',
    severity: 'warning',
    structure: `qcow2 bitmap ${index + 1}`,
    offset: at,
    found,
    expected,
    section: section('Bitmap directory'),
  },
});
