import { relativePath } from './object-path.ts';
import type { CimReference } from './model.ts';

/** WQL, the query language of WMI, as data and as text. Transports receive the text. */
export type WqlQuery = SelectQuery | AssociationQuery;

/** `SELECT * | names FROM Class [WHERE condition]`. */
export interface SelectQuery {
  readonly kind: 'select';
  /** null for `*`. */
  readonly names: readonly string[] | null;
  readonly className: string;
  readonly where: Condition | undefined;
}

export type Condition =
  | { readonly op: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly op: 'not'; readonly inner: Condition }
  | { readonly op: 'null'; readonly name: string; readonly negated: boolean }
  | { readonly op: Comparison; readonly name: string; readonly value: string | number | boolean };

export type Comparison = '=' | '<>' | '<' | '>' | '<=' | '>=' | 'like';

/** `ASSOCIATORS OF {path} WHERE …` and `REFERENCES OF {path} WHERE …`. */
export interface AssociationQuery {
  readonly kind: 'associators' | 'references';
  readonly path: string;
  /** Keywords after WHERE in lower case: assocclass, resultclass, role, resultrole. */
  readonly where: Readonly<Record<string, string>>;
}

/** Returns the text that selects whole instances of a class. */
export function select(className: string, where?: Condition): string {
  const all = `SELECT * FROM ${className}`;
  return where === undefined ? all : `${all} WHERE ${conditionText(where)}`;
}

/**
 * Returns the text that selects the instances of `resultClass` that `assocClass` associates with an
 * object.
 */
export function associatorsOf(
  object: CimReference,
  { assocClass, resultClass }: { readonly assocClass: string; readonly resultClass: string },
): string {
  const path = relativePath(object, "'");
  return `ASSOCIATORS OF {${path}} WHERE AssocClass = ${assocClass} ResultClass = ${resultClass}`;
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
