import { crc32cWithoutField } from '../../../base/bytes/crc32c.ts';
import { readField, writeFields, type Field } from '../../inspect/fields.ts';
import type { VhdxDefect } from './vhdx-defect.ts';

const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;

/**
 * Returns the defect of a CRC-32C (Castagnoli) over all of `bytes`, its own field counted as zero
 * (MS-VHDX 2.2.2, 2.2.3.1, 2.3.1.1).
 * @param at offset of the structure in the file
 */
export function checksumDefect(
  field: Field<'crc32'>,
  bytes: Uint8Array,
  structure: string,
  at: number,
  code: NonNullable<VhdxDefect['error']>,
): VhdxDefect[] {
  const stored = readField(field, bytes);
  const computed = crc32cWithoutField(bytes, field.offset);
  if (stored === computed) return [];
  return [
    {
      code,
      error: code,
      structure,
      field: field.name,
      offset: at + field.offset,
      found: hex(stored),
      expected: hex(computed),
      section: field.section,
      text: `${structure} at ${at} has checksum ${hex(stored)}; its bytes give ${hex(computed)}`,
    },
  ];
}

/** Writes the CRC-32C of all of `bytes` into its field. */
export function seal<Bytes extends Uint8Array>(field: Field<'crc32'>, bytes: Bytes): Bytes {
  const table = { [field.name]: field };
  writeFields(table, bytes, { [field.name]: crc32cWithoutField(bytes, field.offset) });
  return bytes;
}
