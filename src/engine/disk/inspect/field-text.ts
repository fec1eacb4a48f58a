import { formatBytes } from '../../base/format-bytes.ts';
import { readField, type Field, type FieldValue } from './fields.ts';
import { plain } from './plain.ts';

/** Returns the display text of a field, for the tree of structures. */
export function fieldText(field: Field, bytes: Uint8Array): string {
  return valueText(field, readField(field, bytes));
}

/** Returns the display text of a value, safe to show. */
export function valueText({ kind, size, names }: Field, value: FieldValue): string {
  if (kind === 'reserved') return value === -1 ? '0' : 'not zero';
  if (typeof value === 'string') return plain(value);
  if (kind === 'date2000Be') return date2000(Number(value));
  if (kind.startsWith('hex') || kind === 'crc32')
    return `0x${value.toString(16).padStart(size * 2, '0')}`;
  if (kind.startsWith('size')) return `${value} (${formatBytes(Number(value))})`;
  if (kind === 'flags32') return flags(Number(value), names ?? {});
  const name = names?.[Number(value)];
  return name === undefined ? String(value) : `${value}: ${name}`;
}

const date2000 = (seconds: number): string =>
  seconds === 0 ? '0' : `${seconds} (${new Date((seconds + 946_684_800) * 1000).toISOString()})`;

function flags(value: number, names: Readonly<Record<number, string>>): string {
  const set = Object.entries(names).flatMap(([bit, name]) =>
    ((value >>> Number(bit)) & 1) === 1 ? [name] : [],
  );
  const hex = `0x${value.toString(16)}`;
  return set.length === 0 ? hex : `${hex}: ${set.join(', ')}`;
}
