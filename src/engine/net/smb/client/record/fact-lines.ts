/** A fact of a message in words: its name and its value. */
export type Fact = readonly [name: string, value: string];

/** Maximum number of characters of a value; paths are shorter. */
const MAX_VALUE = 4096;
/** Control characters would break the lines; those that change the direction of text would mislead. */
const UNSAFE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** Returns a message as text: its command, then one indented line for each fact (TRACE.md). */
export function factLines(command: string, facts: readonly Fact[]): string {
  const lines = facts.map(([name, value]) => `  ${name}: ${plain(value)}`);
  return [command, ...lines].join('\n');
}

const plain = (value: string): string => value.slice(0, MAX_VALUE).replace(UNSAFE, '�');

/** A value as hexadecimal digits: IDs, masks, numbers without a name. */
export const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

/** Names of the bits that are set, then the rest as a number; `none` for 0. */
export function bits(value: number, names: Readonly<Record<string, number>>): string {
  const set = Object.entries(names).filter(([, bit]) => (value & bit) === bit && bit !== 0);
  const rest = set.reduce((left, [, bit]) => left & ~bit, value) >>> 0;
  const words = [...set.map(([name]) => spaced(name)), ...(rest === 0 ? [] : [hex(rest)])];
  return words.length === 0 ? 'none' : words.join(', ');
}

/** Name of a number in a table; or the number itself. */
export function named(value: number, names: Readonly<Record<string, number>>): string {
  const found = Object.entries(names).find(([, each]) => each === value);
  return found === undefined ? hex(value) : spaced(found[0]);
}

/** `readAttributes` as `read attributes`. */
const spaced = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
