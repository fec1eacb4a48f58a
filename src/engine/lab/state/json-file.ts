import fs from 'node:fs/promises';
import { fileError, systemCode } from '../../source/platform/file-errors.ts';
import { labError } from '../lab-errors.ts';

/**
 * Expected shape of a JSON value: a primitive type, one of several texts, a list of one shape, or
 * an object with these fields.
 */
export type JsonShape =
  | 'text'
  | 'number'
  | 'flag'
  | 'text or null'
  | { readonly oneOf: readonly string[] }
  | { readonly listOf: JsonShape }
  | { readonly fields: Readonly<Record<string, JsonShape>> };

/**
 * Reads a file that the lab wrote; undefined if it does not exist. Throws `lab.damaged` with the
 * file and the field if it was truncated or changed, and `source.*` if it cannot be read.
 */
export async function readLabFile(file: string, shape: JsonShape): Promise<unknown> {
  let text: string;
  try {
    text = await fs.readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw fileError(error, 'read', file);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw damaged(file, `it is not JSON (${(error as Error).message.slice(0, 120)})`, error);
  }
  return checkLabFile(file, value, shape);
}

/** Returns the value of a lab file if it has the shape. Throws `lab.damaged`. */
export function checkLabFile(file: string, value: unknown, shape: JsonShape): unknown {
  const problem = misfit(value, shape, '');
  if (problem !== undefined) throw damaged(file, problem);
  return value;
}

function damaged(file: string, problem: string, cause?: unknown): Error {
  return labError('lab.damaged', `${file} is damaged: ${problem}`, { data: { path: file }, cause });
}

/**
 * Returns the first mismatch as the end of a sentence; undefined if everything matches. Ignores
 * unknown fields.
 */
function misfit(value: unknown, shape: JsonShape, at: string): string | undefined {
  if (typeof shape === 'string' || 'oneOf' in shape) {
    return isPlain(value, shape) ? undefined : wrong(value, at, nameOf(shape));
  }
  if ('listOf' in shape) {
    if (!Array.isArray(value)) return wrong(value, at, 'a list');
    return first(value.entries(), ([i, item]) => misfit(item, shape.listOf, `${at}[${i}]`));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return wrong(value, at, 'an object');
  }
  return first(Object.entries(shape.fields), ([name, inner]) =>
    misfit(
      (value as Readonly<Record<string, unknown>>)[name],
      inner,
      at === '' ? name : `${at}.${name}`,
    ),
  );
}

function isPlain(value: unknown, shape: string | { readonly oneOf: readonly string[] }): boolean {
  if (typeof shape === 'object') return shape.oneOf.includes(value as string);
  if (shape === 'number') return Number.isSafeInteger(value) && (value as number) >= 0;
  if (shape === 'flag') return typeof value === 'boolean';
  return typeof value === 'string' || (shape === 'text or null' && value === null);
}

function nameOf(shape: string | { readonly oneOf: readonly string[] }): string {
  if (typeof shape === 'object') return `one of ${shape.oneOf.join(', ')}`;
  if (shape === 'number') return 'a whole number';
  return shape === 'flag' ? 'true or false' : shape;
}

function wrong(value: unknown, at: string, expected: string): string {
  const found = JSON.stringify(value)?.slice(0, 60) ?? 'missing';
  return `${at === '' ? 'it' : at} is ${found}, not ${expected}`;
}

function first<T>(items: Iterable<T>, check: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const problem = check(item);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
