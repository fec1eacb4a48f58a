/** As much of JSON Schema as our own schema file uses; an unknown keyword is an error, not ignored. */
export interface Schema {
  readonly [keyword: string]: unknown;
}

const SILENT = new Set(['$schema', '$defs', 'title', 'description']);

/** The first place where `value` breaks the schema, or undefined. */
export function schemaProblem(root: Schema, value: unknown): string | undefined {
  return check(root, root, value, '');
}

function check(root: Schema, schema: Schema, value: unknown, at: string): string | undefined {
  for (const [keyword, rule] of Object.entries(schema)) {
    if (SILENT.has(keyword)) continue;
    const test = KEYWORDS[keyword];
    if (test === undefined) throw new Error(`the schema uses ${keyword}, which the test ignores`);
    const problem = test(rule, value, at, root, schema);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

type Test = (
  rule: unknown,
  value: unknown,
  at: string,
  root: Schema,
  schema: Schema,
) => string | undefined;

const say = (ok: boolean, at: string, what: string): string | undefined =>
  ok ? undefined : `${at}: ${what}`;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function typeOf(value: unknown): readonly string[] {
  if (value === null) return ['null'];
  if (Array.isArray(value)) return ['array'];
  if (Number.isInteger(value)) return ['integer', 'number'];
  return [typeof value];
}

const KEYWORDS: Readonly<Record<string, Test>> = {
  type: (rule, value, at) =>
    say(
      [rule].flat().some((type) => typeOf(value).includes(type as string)),
      at,
      `type ${String(rule)}`,
    ),
  const: (rule, value, at) => say(value === rule, at, `const ${String(rule)}`),
  enum: (rule, value, at) => say((rule as unknown[]).includes(value), at, `enum ${String(rule)}`),
  pattern: (rule, value, at) =>
    say(typeof value !== 'string' || new RegExp(rule as string, 'u').test(value), at, 'pattern'),
  maxLength: (rule, value, at) =>
    say(typeof value !== 'string' || value.length <= (rule as number), at, 'maxLength'),
  minimum: (rule, value, at) =>
    say(typeof value !== 'number' || value >= (rule as number), at, 'minimum'),
  maximum: (rule, value, at) =>
    say(typeof value !== 'number' || value <= (rule as number), at, 'maximum'),
  maxItems: (rule, value, at) =>
    say(!Array.isArray(value) || value.length <= (rule as number), at, 'maxItems'),
  maxProperties: (rule, value, at) =>
    say(!isObject(value) || Object.keys(value).length <= (rule as number), at, 'maxProperties'),
  required: (rule, value, at) =>
    say(
      !isObject(value) || (rule as string[]).every((n) => Object.hasOwn(value, n)),
      at,
      'required',
    ),
  items: (rule, value, at, root) =>
    Array.isArray(value)
      ? value.map((item, i) => check(root, rule as Schema, item, `${at}[${i}]`)).find(Boolean)
      : undefined,
  properties: (rule, value, at, root) =>
    isObject(value)
      ? Object.entries(rule as Record<string, Schema>)
          .filter(([name]) => Object.hasOwn(value, name))
          .map(([name, inner]) => check(root, inner, value[name], `${at}.${name}`))
          .find(Boolean)
      : undefined,
  additionalProperties: (rule, value, at, root, schema) => {
    if (!isObject(value)) return undefined;
    const known = Object.keys(schema['properties'] ?? {});
    const extra = Object.keys(value).filter((name) => !known.includes(name));
    if (rule === false) return say(extra.length === 0, at, `unknown ${extra.join(', ')}`);
    return extra.map((n) => check(root, rule as Schema, value[n], `${at}.${n}`)).find(Boolean);
  },
  oneOf: (rule, value, at, root) => {
    const fitting = (rule as Schema[]).filter((s) => check(root, s, value, at) === undefined);
    return say(fitting.length === 1, at, `oneOf fits ${fitting.length}`);
  },
  $ref: (rule, value, at, root) => {
    const name = (rule as string).replace('#/$defs/', '');
    return check(root, (root['$defs'] as Record<string, Schema>)[name] as Schema, value, at);
  },
};
