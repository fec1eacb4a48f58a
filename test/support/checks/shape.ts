/** Tells what is wrong with a value, or nothing. */
export type Shape = (value: unknown, at: string) => string | undefined;

const wrong = (at: string, value: unknown, expected: string): string =>
  `${at} is ${JSON.stringify(value)?.slice(0, 80)}; ${expected} was expected`;

function where(expected: string, holds: (value: unknown) => boolean): Shape {
  return (value, at) => (holds(value) ? undefined : wrong(at, value, expected));
}

const matching = (expected: string, pattern: RegExp): Shape =>
  where(expected, (value) => typeof value === 'string' && pattern.test(value));

export const text = where('text', (value) => typeof value === 'string');
export const flag = where('true or false', (value) => typeof value === 'boolean');
export const number = where('a number', (value) => typeof value === 'number' && value >= 0);
export const count = where(
  'a whole number',
  (value) => Number.isSafeInteger(value) && Number(value) >= 0,
);
export const guid = matching(
  'a GUID in lower case without braces',
  /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
);
export const time = matching('a time in UTC', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/);
export const sha256 = matching('a SHA-256 in hexadecimal', /^[0-9a-f]{64}$/);

export const oneOf = (...allowed: readonly unknown[]): Shape =>
  where(allowed.map(String).join(' or '), (value) => allowed.includes(value));

export const orNull =
  (shape: Shape): Shape =>
  (value, at) =>
    value === null ? undefined : shape(value, at);

/** Fields that must be there; `name?` may be absent. Others may be there too. */
export const object =
  (fields: Readonly<Record<string, Shape>>): Shape =>
  (value, at) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return wrong(at, value, 'an object');
    for (const [name, shape] of Object.entries(fields)) {
      const field = name.replace(/\?$/, '');
      const found = (value as Record<string, unknown>)[field];
      if (found === undefined && name.endsWith('?')) continue;
      const problem = shape(found, `${at}.${field}`);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };

/** At least `least` items, so that what holds for each was looked at. */
export const list =
  (shape: Shape, least = 1): Shape =>
  (value, at) => {
    if (!Array.isArray(value)) return wrong(at, value, 'a list');
    if (value.length < least)
      return `${at} has ${value.length} items; at least ${least} were expected`;
    for (const [i, item] of value.entries()) {
      const problem = shape(item, `${at}[${i}]`);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
