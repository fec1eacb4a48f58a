import { MIB } from './layout.ts';
import { vhdxError } from './vhdx-errors.ts';

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

/**
 * Checks the entry of a payload block.
 * @param low the low 32 bits @param high the high 32 bits
 * @param differencing whether PARTIALLY_PRESENT is legal
 * @param fileOffset file offset of the entry, for messages
 */
export function decodePayloadEntry(
  low: number,
  high: number,
  differencing: boolean,
  fileOffset: number,
): BatEntry {
  const state = rawState(low);
  if (state === 4 || state === 5 || (state === PARTIALLY_PRESENT && !differencing)) {
    throw vhdxError(
      'vhdx.bat.state',
      `the BAT entry at ${fileOffset} has ${stateName(state)}, which no ` +
        `${differencing ? 'differencing' : 'fixed or dynamic'} image may have`,
      { data: { offset: fileOffset, found: state } },
    );
  }
  // These states have no space, and scans of many such blocks need only the state. UNDEFINED and
  // UNMAPPED may have kept their space.
  if (state === NOT_PRESENT || state === ZERO) return { state, offset: 0 };
  const offset = decodeOffset(low, high, fileOffset);
  const present = state === FULLY_PRESENT || state === PARTIALLY_PRESENT;
  if (present && offset < MIB) {
    throw vhdxError(
      'vhdx.bat.offset',
      `the BAT entry at ${fileOffset} is ${stateName(state)} at ${offset}, inside the headers`,
      { data: { offset: fileOffset, found: offset, expected: MIB } },
    );
  }
  return { state: state as BlockState, offset };
}

/** Returns the file offset of a sector bitmap block, or undefined if there is not one. */
export function decodeBitmapEntry(
  low: number,
  high: number,
  differencing: boolean,
  fileOffset: number,
): number | undefined {
  const state = rawState(low);
  const offset = decodeOffset(low, high, fileOffset);
  if (state === NOT_PRESENT) return undefined;
  if (state !== BITMAP_PRESENT || !differencing) {
    throw vhdxError(
      'vhdx.bat.bitmap',
      `the sector bitmap entry at ${fileOffset} has state ${state}; ` +
        `${differencing ? '0 or 6' : '0 in an image without a parent'} was expected`,
      { data: { offset: fileOffset, found: state } },
    );
  }
  if (offset < MIB) {
    throw vhdxError(
      'vhdx.bat.offset',
      `the sector bitmap entry at ${fileOffset} points to ${offset}, inside the headers`,
      { data: { offset: fileOffset, found: offset, expected: MIB } },
    );
  }
  return offset;
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

function decodeOffset(low: number, high: number, fileOffset: number): number {
  if ((low & RESERVED) !== 0) {
    throw vhdxError(
      'vhdx.bat.reserved',
      `the BAT entry at ${fileOffset} has reserved bits set: 0x${(low & RESERVED).toString(16)}`,
      { data: { offset: fileOffset, found: low & RESERVED, expected: 0 } },
    );
  }
  if (high >= TOO_HIGH) {
    throw vhdxError(
      'vhdx.bat.offset',
      `the BAT entry at ${fileOffset} points to 2^53 or beyond, past the end of any file`,
      { data: { offset: fileOffset, found: high } },
    );
  }
  return rawOffset(low, high);
}
