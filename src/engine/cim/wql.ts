import { relativePath } from './object-path.ts';
import type { CimReference } from './model.ts';

/**
 * WQL, the query language of WMI, as data and as text. Transports receive the text.
 */

export type Condition =
  | { readonly op: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly op: 'not'; readonly inner: Condition }
  | { readonly op: 'null'; readonly name: string; readonly negated: boolean }
  | { readonly op: Comparison; readonly name: string; readonly value: string | number | boolean };

export type Comparison = '=' | '<>' | '<' | '>' | '<=' | '>=' | 'like';

/** Returns the text that selects whole instances of a class. */
export function select(className: string, where?: Condition): string {
  const all = `SELECT * FROM ${className}`;
  return where === undefined ? all : `${all} WHERE ${conditionText(where)}`;
}

/** Returns the text that selects some properties of the instances of a class. */
export function selectNames(names: readonly string[], className: string): string {
  return `SELECT ${names.join(', ')} FROM ${className}`;
}

/** Conditions of ASSOCIATORS OF; undefined ones are omitted. */
export interface AssociatorsOptions {
  /** Association class. */
  readonly assocClass?: string | undefined;
  /** Class of the result, or one of its base classes. */
  readonly resultClass?: string | undefined;
  /** Property of the association that holds the object. */
  readonly role?: string | undefined;
  /** Property of the association that holds the result. */
  readonly resultRole?: string | undefined;
}

/** Conditions of REFERENCES OF; undefined ones are omitted. */
export interface ReferencesOptions {
  /** Association class. */
  readonly resultClass?: string | undefined;
  /** Property of the association that holds the object. */
  readonly role?: string | undefined;
}

/** Returns the text that selects the objects that association classes connect with an object. */
export function associatorsOf(object: CimReference, options: AssociatorsOptions): string {
  const { assocClass, resultClass, role, resultRole } = options;
  return ofObject('ASSOCIATORS OF', object, [
    ['AssocClass', assocClass],
    ['ResultClass', resultClass],
    ['Role', role],
    ['ResultRole', resultRole],
  ]);
}

/**
 * Returns the text that selects the association instances that hold an object. Whether Hyper-V's
 * provider answers it is UNCONFIRMED.
 */
export function referencesOf(
  object: CimReference,
  { resultClass, role }: ReferencesOptions,
): string {
  return ofObject('REFERENCES OF', object, [
    ['ResultClass', resultClass],
    ['Role', role],
  ]);
}

function ofObject(
  what: string,
  object: CimReference,
  conditions: readonly (readonly [string, string | undefined])[],
): string {
  const given = conditions.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name} = ${value}`],
  );
  const where = given.length === 0 ? '' : ` WHERE ${given.join(' ')}`;
  return `${what} {${relativePath(object, "'")}}${where}`;
}

/** Returns the class that a SELECT names; undefined for other text. */
export function selectedClass(wql: string): string | undefined {
  return /^\s*SELECT\s+[^']*?\sFROM\s+(\w+)/i.exec(wql)?.[1];
}

export const equals = (name: string, value: string): Condition => ({ op: '=', name, value });

/** `%` matches any text, `_` one character, `[…]` a set; a backslash matches itself. */
export const like = (name: string, pattern: string): Condition => ({
  op: 'like',
  name,
  value: pattern,
});

export const not = (inner: Condition): Condition => ({ op: 'not', inner });

function conditionText(condition: Condition): string {
  switch (condition.op) {
    case 'and':
    case 'or':
      return `(${conditionText(condition.left)}) ${condition.op.toUpperCase()} (${conditionText(condition.right)})`;
    case 'not': {
      const { inner } = condition;
      const text = conditionText(inner);
      return inner.op === 'and' || inner.op === 'or' ? `NOT (${text})` : `NOT ${text}`;
    }
    case 'null':
      return `${condition.name} IS ${condition.negated ? 'NOT ' : ''}NULL`;
    case 'like':
      return `${condition.name} LIKE ${literal(condition.value)}`;
    default:
      return `${condition.name}${condition.op}${literal(condition.value)}`;
  }
}

const literal = (value: string | number | boolean): string =>
  typeof value === 'string' ? wqlString(value) : String(value).toUpperCase();

/** Returns a string literal of WQL: backslashes and quotes escaped. */
function wqlString(text: string): string {
  return `'${text.replace(/[\\']/g, (c) => `\\${c}`)}'`;
}
