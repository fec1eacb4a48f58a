import type { ErrorCode } from '../../api/codes.ts';
import type { Defect, Severity } from './defect.ts';
import { valueText } from './field-text.ts';
import { readField, type FieldRule, type FieldTable, type FieldValue } from './fields.ts';

interface Weight {
  readonly error?: ErrorCode;
  readonly severity?: Severity;
}

/** The field must equal one of some values. */
export const oneOf = (
  code: string,
  values: readonly (string | number)[],
  weight: Weight,
): FieldRule => ({
  code,
  ...weight,
  expected: values.map(String).join(' or '),
  holds: (value) => values.includes(typeof value === 'bigint' ? Number(value) : value),
});

/** The bytes, or the bits of `mask`, must be zero. Readers accept others. */
export const zero = (code: string, mask?: number): FieldRule => ({
  code,
  severity: 'warning',
  expected: mask === undefined ? 'zero' : `zero in the bits 0x${mask.toString(16)}`,
  holds: (value) => value === -1 || (mask !== undefined && (Number(value) & mask) === 0),
});

/** The number must fit `holds`, of which `expected` is the description. */
export const number = (
  code: string,
  expected: string,
  holds: (value: number) => boolean,
  weight: Weight,
): FieldRule => ({
  code,
  ...weight,
  expected,
  holds: (value: FieldValue) => holds(Number(value)),
});

/**
 * Returns the defects of the fields of one structure, by the rules of its table, in the order of
 * the table.
 * @param at offset of the structure in the file
 */
export function fieldDefects<Error extends ErrorCode>(
  table: FieldTable,
  bytes: Uint8Array,
  structure: string,
  at: number,
): Defect<Error>[] {
  const found: Defect<Error>[] = [];
  for (const field of Object.values(table)) {
    if (field.rules.length === 0 || field.offset + field.size > bytes.length) continue;
    const value = readField(field, bytes);
    const rule = field.rules.find(({ holds }) => !holds(value));
    if (rule === undefined) continue;
    const { code, expected, severity, error } = rule;
    const within = field.kind === 'reserved' ? Number(value) : 0;
    found.push({
      code,
      structure,
      field: field.name,
      offset: at + field.offset + within,
      found: valueText(field, value),
      expected,
      section: field.section,
      ...(severity === undefined ? {} : { severity }),
      ...(error === undefined ? {} : { error: error as Error }),
    });
  }
  return found;
}
