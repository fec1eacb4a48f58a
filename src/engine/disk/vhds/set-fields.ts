import { fields, type FieldTable } from '../inspect/fields.ts';
import { fieldText } from '../inspect/field-text.ts';
import type { ImageDetail } from '../image/image-survey.ts';

/** Source of the knowledge of VHD Sets. */
export const SECTION = 'not documented; found in a file of Windows 10';

const ORIGIN = 'not documented';

export const SET_IDENTIFIER = fields(ORIGIN, {
  Signature: [0, 8, 'ascii', 'The letters “vhdsetv1”'],
  Creator: [8, 512, 'utf16', 'The program that created the file; informative'],
});

export const SET_HEADER = fields(ORIGIN, {
  Signature: [0, 4, 'ascii', 'The letters “shdr”'],
  Unknown1: [4, 4, 'hex32', 'Unknown'],
  Sequence: [8, 8, 'u64', 'Of two valid headers the one with the greater number counts'],
  Version: [16, 4, 'u32', '1 in the files that are known'],
  Checksum: [20, 4, 'hex32', 'CRC-32C of the 4096 bytes, this field counted as zero'],
  Unknown2: [24, 4, 'hex32', 'Unknown'],
  NameOffset: [28, 4, 'u32', 'Offset of the name of the backing file'],
  NameLength: [32, 4, 'u32', 'Bytes of the name'],
});

/** Returns the fields of a header as text; those without a known meaning have none. */
export const headerDetails = (bytes: Uint8Array, table: FieldTable = SET_HEADER): ImageDetail[] =>
  Object.values(table).map((field) => ({
    name: field.name,
    value: fieldText(field, bytes),
    meaning: field.help === 'Unknown' ? null : field.help,
  }));
