import type { Fact } from '../../../smb/client/record/fact-lines.ts';
import { hex } from '../../../smb/client/record/fact-lines.ts';
import type { Structure } from '../../codec/layout/structure.ts';

/** Fields whose bits mean something are shown as hexadecimal digits. */
const MASKS = ['Flags', 'SrbFlags'];

/**
 * Returns the fields of a decoded structure, in its order and under the names of the specification.
 * @param texts values in words, by the key of the field
 */
export function structureFacts(
  structure: Structure,
  values: Readonly<Record<string, unknown>>,
  texts: Readonly<Record<string, string>> = {},
): Fact[] {
  return Object.entries(structure.fields).map(([key, [, , help]]) => {
    const [name = key] = /^\w+/.exec(help) ?? [];
    const value = values[key];
    const text = typeof value === 'number' && MASKS.includes(name) ? hex(value) : String(value);
    return [name, texts[key] ?? text];
  });
}
