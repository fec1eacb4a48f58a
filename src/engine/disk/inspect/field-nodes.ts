import type { Defect } from './defect.ts';
import { fieldText } from './field-text.ts';
import type { FieldTable } from './fields.ts';
import { node, type FieldNode } from './model.ts';

/**
 * Returns a node per field, `bad` where a defect lies and `ok` where a rule holds; omits fields
 * behind the end of the bytes. Never throws.
 */
export function fieldNodes(
  table: FieldTable,
  bytes: Uint8Array,
  fileOffset: number,
  defects: readonly Defect[] = [],
): FieldNode[] {
  return Object.values(table)
    .filter(({ offset, size }) => offset + size <= bytes.length)
    .map((field) => {
      const start = fileOffset + field.offset;
      const bad = defects.some(({ offset }) => offset >= start && offset < start + field.size);
      return node(field.name, {
        value: fieldText(field, bytes),
        at: [start, field.size],
        state: bad ? 'bad' : field.rules.length > 0 || field.kind === 'crc32' ? 'ok' : 'none',
        help: `${field.help} (${field.section})`,
      });
    });
}
