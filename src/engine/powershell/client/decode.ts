import type { ReferencedInstance } from '../../cim/client.ts';
import { inNamespace } from '../../cim/object-path.ts';
import type { CimInstance, CimReference, CimValue } from '../../cim/model.ts';
import { powershellError } from '../contract/powershell-errors.ts';

/** Maximum depth of objects within objects. */
const MAX_DEPTH = 16;

type Fields = Readonly<Record<string, unknown>>;

/** A batch of rows. */
export interface Page {
  readonly id: string;
  readonly rows: readonly Partial<ReferencedInstance>[];
  readonly more: boolean;
}

/** Reads a page of rows, in which a class names its properties once. Throws `powershell.answer`. */
export function readPage(value: unknown): Page {
  const { id, rows, more } = fields(value, 'a page of rows');
  const names = new Map<string, readonly unknown[]>();
  const read = list(rows, 'rows').map((row): Partial<ReferencedInstance> => {
    const { o, r } = fields(row, 'a row');
    return {
      ...(o === undefined ? {} : { instance: readInstance(o, names) }),
      ...(r === undefined ? {} : { reference: readReference(r) }),
    };
  });
  return { id: String(id), rows: read, more: more === true };
}

/**
 * Reads an instance.
 * @param shared names of the properties of each class, from rows before.
 */
export function readInstance(
  value: unknown,
  shared = new Map<string, readonly unknown[]>(),
  depth = 0,
): CimInstance {
  const { c, p, v } = fields(value, 'an instance');
  const className = String(c);
  const names = p === undefined ? shared.get(className) : list(p, 'names of properties');
  const values = list(v, 'values of properties');
  if (names?.length !== values.length) {
    throw unexpected('an instance', `${names?.length ?? 0} names and ${values.length} values`);
  }
  shared.set(className, names);
  const properties = new Map<string, CimValue>();
  for (const [index, name] of names.entries()) {
    properties.set(String(name), readValue(values[index], depth));
  }
  return { className, properties };
}

/** Reads a reference with all its keys. */
function readReference(value: unknown, depth = 0): CimReference {
  deeper(depth);
  const { c, n, k, q } = fields(value, 'a reference');
  const keys = Object.fromEntries(pairs(k, 'keys').map(([name, key]) => [name, String(key)]));
  const namespace = text(n).replaceAll('\\', '/');
  const reference = inNamespace(namespace === '' ? undefined : namespace, String(c), keys);
  const nested = pairs(q, 'keys').map(
    ([name, key]) => [name, readReference(key, depth + 1)] as const,
  );
  return nested.length === 0
    ? reference
    : { ...reference, referenceKeys: Object.fromEntries(nested) };
}

/** Reads pairs of names and values. */
export function readValues(value: unknown): Map<string, CimValue> {
  return new Map(pairs(value, 'values').map(([name, each]) => [name, readValue(each, 0)]));
}

function readValue(value: unknown, depth: number): CimValue {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  deeper(depth);
  const { n, t, a, r, o } = fields(value, 'a value');
  if (n !== undefined) return text(n);
  if (t !== undefined) return text(t);
  if (a !== undefined) return list(a, 'an array').map((each) => readValue(each, depth + 1));
  if (r !== undefined) return readReference(r, depth + 1);
  if (o !== undefined) return readInstance(o, undefined, depth + 1);
  throw unexpected('a value', JSON.stringify(value).slice(0, 200));
}

function pairs(value: unknown, what: string): (readonly [string, unknown])[] {
  const flat = list(value ?? [], what);
  return Array.from(
    { length: Math.floor(flat.length / 2) },
    (_each, index) => [String(flat[2 * index]), flat[2 * index + 1]] as const,
  );
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function fields(value: unknown, what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw unexpected(what, typeof value);
}

function list(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw unexpected(what, typeof value);
}

function deeper(depth: number): void {
  if (depth > MAX_DEPTH)
    throw unexpected('a value', `more than ${MAX_DEPTH} objects in each other`);
}

const unexpected = (expected: string, found: string): Error =>
  powershellError(
    'powershell.answer',
    `The answer of PowerShell has ${found} in the place of ${expected}`,
    { data: { expected, found } },
  );
