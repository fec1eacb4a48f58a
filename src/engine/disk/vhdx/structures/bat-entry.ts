import { MIB } from './layout.ts';
import { refuse, type VhdxDefect } from './vhdx-defect.ts';

/**
 * BAT entry (MS-VHDX 2.5.1), a u64: bits 0 to 2 state, 3 to 19 reserved, 20 to 63 file offset in
 * MiB, so that the entry without its low 20 bits is the offset in bytes.
 *
 * States of payload blocks; 4 and 5 are reserved. UNDEFINED, ZERO and UNMAPPED hide the parent.
 */
export const NOT_PRESENT = 0;
export const UNDEFINED = 1;
export const ZERO = 2;
export const UNMAPPED = 3;
export const FULLY_PRESENT = 6;
/** Differencing images only: the sector bitmap decides for each sector. */
export const PARTIALLY_PRESENT = 7;
/** The only state of sector bitmap blocks besides NOT_PRESENT. */
export const BITMAP_PRESENT = 6;

export type BlockState =
  | typeof NOT_PRESENT
  | typeof UNDEFINED
  | typeof ZERO
  | typeof UNMAPPED
  | typeof FULLY_PRESENT
  | typeof PARTIALLY_PRESENT;

export interface BatEntry {
  readonly state: BlockState;
  /** File offset of the block; 0 if the state has no data. */
  readonly offset: number;
}

const NAMES: Readonly<Record<number, string>> = {
  [NOT_PRESENT]: 'NOT_PRESENT',
  [UNDEFINED]: 'UNDEFINED',
  [ZERO]: 'ZERO',
  [UNMAPPED]: 'UNMAPPED',
  [FULLY_PRESENT]: 'FULLY_PRESENT',
  [PARTIALLY_PRESENT]: 'PARTIALLY_PRESENT',
};

export const stateName = (state: number): string => NAMES[state] ?? `reserved state ${state}`;

const RESERVED = 0xffff8;
/** High half at which an offset would reach 2^53. */
const TOO_HIGH = 2 ** 21;

/** Returns the state bits of the low half, unchecked. */
export const rawState = (low: number): number => low & 7;

/**
 * Returns the file offset of an entry from its halves; below 2^53 after {@link decodePayloadEntry}
 * accepted it.
 */
export const rawOffset = (low: number, high: number): number =>
  high * 2 ** 32 + ((low & 0xfff00000) >>> 0);

const ABOUT = { structure: 'the BAT entry', section: 'MS-VHDX 2.5.1' } as const;

/** Whether blocks of this state have data in the file. */
const hasData = (state: number): boolean => state === FULLY_PRESENT || state === PARTIALLY_PRESENT;

/**
 * Returns the defect of the entry of a payload block, judged by itself.
 * @param low the low 32 bits @param high the high 32 bits
 * @param differencing whether PARTIALLY_PRESENT is legal
 * @param at file offset of the entry
 */
export function payloadEntryDefect(
  low: number,
  high: number,
  differencing: boolean,
  at: number,
): VhdxDefect | undefined {
  const state = rawState(low);
  if (state === 4 || state === 5 || (state === PARTIALLY_PRESENT && !differencing)) {
    const kind = differencing ? 'differencing' : 'fixed or dynamic';
    return {
      ...ABOUT,
      code: state === PARTIALLY_PRESENT ? 'vhdx.bat.partial' : 'vhdx.bat.state',
      error: 'vhdx.bat.state',
      field: 'State',
      offset: at,
      found: state,
      expected: `a state of ${kind} images`,
      text: `the BAT entry at ${at} has ${stateName(state)}, which no ${kind} image may have`,
    };
  }
  // These states have no space, and scans of many such blocks need only the state. UNDEFINED and
  // UNMAPPED may have kept their space.
  if (state === NOT_PRESENT || state === ZERO) return undefined;
  return offsetDefect(low, high, at, hasData(state) ? stateName(state) : undefined);
}

/**
 * Returns the defect of the entry of a sector bitmap block, judged by itself. Readers do not look at
 * the entries of an image without a parent.
 */
export function bitmapEntryDefect(
  low: number,
  high: number,
  differencing: boolean,
  at: number,
): VhdxDefect | undefined {
  const state = rawState(low);
  const present = state !== NOT_PRESENT;
  if (present && (state !== BITMAP_PRESENT || !differencing)) {
    const legal = differencing ? '0 or 6' : '0 in an image without a parent';
    return {
      ...ABOUT,
      code: differencing ? 'vhdx.bat.bitmapState' : 'vhdx.bat.strayBitmap',
      error: 'vhdx.bat.bitmap',
      field: 'State',
      offset: at,
      found: state,
      expected: legal,
      text: `the sector bitmap entry at ${at} has state ${state}; ${legal} was expected`,
    };
  }
  return offsetDefect(low, high, at, present ? 'the sector bitmap' : undefined);
}

/** @param present what must not lie inside the headers; undefined if the offset has no meaning */
function offsetDefect(
  low: number,
  high: number,
  at: number,
  present: string | undefined,
): VhdxDefect | undefined {
  if ((low & RESERVED) !== 0) {
    const bits = `0x${(low & RESERVED).toString(16)}`;
    return {
      ...ABOUT,
      code: 'vhdx.bat.reserved',
      error: 'vhdx.bat.reserved',
      field: 'Reserved',
      offset: at,
      found: bits,
      expected: 0,
      text: `the BAT entry at ${at} has reserved bits set: ${bits}`,
    };
  }
  if (high >= TOO_HIGH) {
    return {
      ...ABOUT,
      code: 'vhdx.bat.beyond',
      error: 'vhdx.bat.offset',
      field: 'FileOffset',
      offset: at,
      found: '2^53 or more',
      expected: 'an offset inside the file',
      text: `the BAT entry at ${at} points to 2^53 or beyond, past the end of any file`,
    };
  }
  const offset = rawOffset(low, high);
  if (present === undefined || offset >= MIB) return undefined;
  return {
    ...ABOUT,
    code: 'vhdx.bat.headers',
    error: 'vhdx.bat.offset',
    field: 'FileOffset',
    offset: at,
    found: offset,
    expected: `at least ${MIB}`,
    text: `the BAT entry at ${at} is ${present} at ${offset}, inside the headers`,
  };
}

/** A part of the file that holds structures and therefore no payload. */
export interface Occupied {
  readonly what: string;
  readonly offset: number;
  readonly length: number;
}

/**
 * Returns the defect of the place of a block: past the end of the file, or over a structure, whose
 * bytes would be read as data.
 * @param start file offset of the block @param length bytes of it that the disk needs
 * @param at file offset of the entry
 */
export function placeDefect(
  start: number,
  length: number,
  at: number,
  fileSize: number,
  occupied: readonly Occupied[],
): VhdxDefect | undefined {
  const end = start + length;
  if (end > fileSize) {
    return {
      ...ABOUT,
      code: 'vhdx.bat.beyond',
      error: 'vhdx.bat.offset',
      field: 'FileOffset',
      offset: at,
      found: start,
      expected: `at most ${Math.max(0, fileSize - length)}`,
      text: `the BAT entry at ${at} points to [${start}, ${end}); the file ends at ${fileSize}`,
      data: { size: fileSize },
    };
  }
  for (const region of occupied) {
    if (start >= region.offset + region.length || end <= region.offset) continue;
    return {
      ...ABOUT,
      code: 'vhdx.bat.structure',
      error: 'vhdx.bat.overlap',
      field: 'FileOffset',
      offset: at,
      found: start,
      expected: 'space that nothing else uses',
      section: 'MS-VHDX 2.5',
      text: `the BAT entry at ${at} points to ${start}, inside ${region.what}`,
      data: { what: region.what },
    };
  }
  return undefined;
}

/** Returns the defect of a chunk that has partially present blocks, but no sector bitmap. */
export function missingBitmapDefect(at: number, chunk: number): VhdxDefect {
  return {
    ...ABOUT,
    code: 'vhdx.bat.noBitmap',
    error: 'vhdx.bat.bitmap',
    field: 'State',
    offset: at,
    found: NOT_PRESENT,
    expected: BITMAP_PRESENT,
    section: 'MS-VHDX 2.5.1.2',
    text: `the BAT entry at ${at} names no sector bitmap for chunk ${chunk}, which has partially present blocks`,
    data: { chunk },
  };
}

/** Decodes the entry of a payload block. Throws `vhdx.bat.*`. */
export function decodePayloadEntry(
  low: number,
  high: number,
  differencing: boolean,
  fileOffset: number,
): BatEntry {
  const defect = payloadEntryDefect(low, high, differencing, fileOffset);
  if (defect !== undefined) refuse([defect]);
  const state = rawState(low) as BlockState;
  return { state, offset: state === NOT_PRESENT || state === ZERO ? 0 : rawOffset(low, high) };
}

/** Returns the file offset of a sector bitmap block, or undefined if there is not one. */
export function decodeBitmapEntry(
  low: number,
  high: number,
  differencing: boolean,
  fileOffset: number,
): number | undefined {
  const defect = bitmapEntryDefect(low, high, differencing, fileOffset);
  if (defect !== undefined) refuse([defect]);
  return rawState(low) === NOT_PRESENT ? undefined : rawOffset(low, high);
}

/** Writes an entry into BAT bytes. `offset` is a multiple of 1 MiB. */
export function encodeBatEntry(
  view: DataView,
  position: number,
  state: number,
  offset: number,
): void {
  view.setUint32(position, ((offset % 2 ** 32) | state) >>> 0, true);
  view.setUint32(position + 4, Math.floor(offset / 2 ** 32), true);
}
