import { Buffer } from 'node:buffer';

/** Facts of sense data (SPC-4 4.5), of both formats. */
export interface Sense {
  readonly key: number;
  /** Additional sense code and its qualifier. */
  readonly code: number;
  readonly qualifier: number;
}

/** Sense keys (SPC-4 4.5.6). */
export const SENSE_KEY = {
  none: 0,
  recovered: 1,
  notReady: 2,
  mediumError: 3,
  hardwareError: 4,
  illegalRequest: 5,
  unitAttention: 6,
  dataProtect: 7,
  blankCheck: 8,
  vendor: 9,
  copyAborted: 10,
  aborted: 11,
  volumeOverflow: 13,
  miscompare: 14,
} as const;

const WORDS: Readonly<Record<number, string>> = {
  0: 'no sense',
  1: 'recovered error',
  2: 'not ready',
  3: 'medium error',
  4: 'hardware error',
  5: 'illegal request',
  6: 'unit attention',
  7: 'data protect',
  8: 'blank check',
  9: 'vendor specific',
  10: 'copy aborted',
  11: 'aborted command',
  13: 'volume overflow',
  14: 'miscompare',
  15: 'completed',
};

/** Returns fixed sense data of 18 bytes. */
export function fixedSense({ key, code, qualifier }: Sense): Buffer {
  const bytes = Buffer.alloc(18);
  bytes[0] = 0xf0;
  bytes[2] = key;
  bytes[7] = 10;
  bytes[12] = code;
  bytes[13] = qualifier;
  return bytes;
}

/** Reads sense data of either format; undefined if it is empty or has another format. */
export function readSense(bytes: Buffer): Sense | undefined {
  const at = (index: number): number => bytes[index] ?? 0;
  const format = at(0) & 0x7f;
  if (format === 0x70 || format === 0x71) {
    return { key: at(2) & 15, code: at(12), qualifier: at(13) };
  }
  if (format === 0x72 || format === 0x73) return { key: at(1) & 15, code: at(2), qualifier: at(3) };
  return undefined;
}

/** Returns sense data for people: `medium error (3/11/00)`. */
export function describeSense(bytes: Buffer): string {
  const sense = readSense(bytes);
  if (sense === undefined) return bytes.length === 0 ? 'no sense data' : 'unknown sense data';
  const { key, code, qualifier } = sense;
  const hex = [key, code, qualifier].map((each) => each.toString(16).padStart(2, '0')).join('/');
  return `${WORDS[key] ?? 'reserved sense key'} (${hex})`;
}
