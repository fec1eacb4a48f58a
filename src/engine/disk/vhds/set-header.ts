import { crc32cWithoutField } from '../../base/bytes/crc32c.ts';
import type { Defect } from '../inspect/defect.ts';
import { readField, sizeOf } from '../inspect/fields.ts';
import { SECTION, SET_HEADER } from './set-fields.ts';

/**
 * VHD Set (.vhds): names the files that hold a shared disk. Microsoft does not document it; what is
 * here was read from a file of Windows 10, and the rest is called unknown. All integers are
 * little-endian.
 *
 *           0  “vhdsetv1”, creator in UTF-16 as in a VHDX
 *     0x10000  header, 4096 bytes        0x20000  header, 4096 bytes
 *     0x40000  name of the active backing file in UTF-16, a VHDX beside the set
 *
 * If both headers are valid, the one with the greater sequence number is current. Their layout is in
 * `set-fields.ts`.
 */
export interface SetHeader {
  readonly sequence: bigint;
  readonly version: number;
  readonly nameOffset: number;
  readonly nameLength: number;
}

export const SET_HEADER_OFFSETS = [0x1_0000, 0x2_0000] as const;
export const SET_HEADER_SIZE = 4096;
/** Longest name that is read: a file name has at most 255 characters. */
const MAX_NAME = 510;
const KNOWN_BYTES = sizeOf(SET_HEADER);

export function decodeSetHeader(bytes: Uint8Array): SetHeader {
  return {
    sequence: readField(SET_HEADER.Sequence, bytes),
    version: readField(SET_HEADER.Version, bytes),
    nameOffset: readField(SET_HEADER.NameOffset, bytes),
    nameLength: readField(SET_HEADER.NameLength, bytes),
  };
}

/** Yields the broken rules of a header. Those of severity error mean that it does not count. */
export function* setHeaderRules(
  bytes: Uint8Array,
  offset: number,
  fileSize: number,
): Generator<Defect> {
  const defect = (
    rule: string,
    field: string,
    at: number,
    found: string | number,
    expected: string | number,
  ): Defect => ({
    code: `vhds.header.${rule}`,
    structure: 'VHD Set header',
    field,
    offset: offset + at,
    found,
    expected,
    section: SECTION,
  });
  const signature = String.fromCharCode(...bytes.subarray(0, 4));
  if (signature !== 'shdr' || bytes.length < SET_HEADER_SIZE) {
    yield defect('signature', 'Signature', 0, signature.replaceAll(/[^ -~]/g, '.'), 'shdr');
    return;
  }
  const { Checksum } = SET_HEADER;
  const stored = readField(Checksum, bytes);
  const computed = crc32cWithoutField(bytes, Checksum.offset);
  if (stored !== computed) {
    yield defect('checksum', 'Checksum', 20, hex(stored), hex(computed));
    return;
  }
  const { version, nameOffset, nameLength } = decodeSetHeader(bytes);
  if (version !== 1) yield { ...defect('version', 'Version', 16, version, 1), severity: 'warning' };
  const possible = nameLength > 0 && nameLength <= MAX_NAME && nameLength % 2 === 0;
  if (!possible || nameOffset + nameLength > fileSize) {
    const expected = `2 to ${MAX_NAME} bytes before the file's end at ${fileSize}`;
    yield defect('name', 'NameLength', 32, `${nameLength} bytes at ${nameOffset}`, expected);
  }
  if (bytes.subarray(KNOWN_BYTES).some((byte) => byte !== 0)) {
    const expected = 'zero in the files that are known';
    yield { ...defect('unknown', 'Unknown', KNOWN_BYTES, 'not zero', expected), severity: 'info' };
  }
}

const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;
