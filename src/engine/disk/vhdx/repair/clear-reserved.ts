import { readField, type FieldTable } from '../../inspect/fields.ts';

/** Sets the reserved fields of a structure to zero; returns whether one was not. */
export function clearReserved(table: FieldTable, bytes: Uint8Array): boolean {
  let changed = false;
  for (const field of Object.values(table)) {
    if (field.kind !== 'reserved' || readField(field, bytes) === -1) continue;
    bytes.fill(0, field.offset, field.offset + field.size);
    changed = true;
  }
  return changed;
}
