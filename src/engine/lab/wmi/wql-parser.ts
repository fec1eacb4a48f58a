import type { Comparison, Condition, SelectQuery, WqlQuery } from '../../cim/wql.ts';
import { CimFault } from './cim-fault.ts';

/** Parses the WQL that Hyper-V clients use. Throws the CannotProcessFilter fault. */
export function parseWql(text: string): WqlQuery {
  const association = /^\s*(associators|references)\s+of\s*\{(.*)\}\s*(?:where\s+(.*))?$/is.exec(
    text,
  );
  if (association !== null) {
    return {
      kind: (association[1] ?? '').toLowerCase() as 'associators' | 'references',
      path: association[2] ?? '',
      where: parseKeywords(association[3] ?? ''),
    };
  }
  return new SelectParser(text).parse();
}

function parseKeywords(text: string): Record<string, string> {
  const out: Record<string, string> = {};
  const known = new Set(['assocclass', 'resultclass', 'role', 'resultrole', 'classdefsonly']);
  for (const part of text.replace(/\s*=\s*/g, '=').split(/\s+/)) {
    if (part === '') continue;
    const [name = '', value] = part.split('=');
    if (value === undefined || !known.has(name.toLowerCase())) throw bad(`unexpected “${part}”`);
    out[name.toLowerCase()] = value;
  }
  return out;
}

const TOKEN =
  /\s*(?:('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|([A-Za-z_][\w.]*)|(-?\d+(?:\.\d+)?)|(<>|!=|<=|>=|[=<>(),*]))/sy;

/** Maximum number of tokens, more than any client sends; checked before parsing. */
const MAX_TOKENS = 2000;

class SelectParser {
  readonly #tokens: string[] = [];
  #at = 0;

  constructor(text: string) {
    TOKEN.lastIndex = 0;
    const trimmed = text.trimEnd();
    while (TOKEN.lastIndex < trimmed.length) {
      const from = TOKEN.lastIndex;
      const match = TOKEN.exec(trimmed);
      if (match === null) throw bad(`“${trimmed.slice(from, from + 20)}” is not understood`);
      this.#tokens.push(match[1] ?? match[2] ?? match[3] ?? match[4] ?? '');
      if (this.#tokens.length > MAX_TOKENS) throw bad('the query is too long');
    }
  }

  parse(): SelectQuery {
    this.#keyword('select');
    const names = this.#names();
    this.#keyword('from');
    const className = this.#next();
    let where: Condition | undefined;
    if (this.#peek() === 'where') {
      this.#at++;
      where = this.#or(0);
    }
    if (this.#at < this.#tokens.length) throw bad(`unexpected “${this.#next()}”`);
    return { kind: 'select', names, className, where };
  }

  #names(): string[] | null {
    if (this.#peek() === '*') {
      this.#at++;
      return null;
    }
    const names = [this.#next()];
    while (this.#peek() === ',') {
      this.#at++;
      names.push(this.#next());
    }
    return names;
  }

  #or(depth: number): Condition {
    let left = this.#and(depth);
    while (this.#peek() === 'or') {
      this.#at++;
      left = { op: 'or', left, right: this.#and(depth) };
    }
    return left;
  }

  #and(depth: number): Condition {
    let left = this.#not(depth);
    while (this.#peek() === 'and') {
      this.#at++;
      left = { op: 'and', left, right: this.#not(depth) };
    }
    return left;
  }

  #not(depth: number): Condition {
    if (depth > 32) throw bad('the query is nested too deeply');
    if (this.#peek() === 'not') {
      this.#at++;
      return { op: 'not', inner: this.#not(depth + 1) };
    }
    if (this.#peek() === '(') {
      this.#at++;
      const inner = this.#or(depth + 1);
      if (this.#next() !== ')') throw bad('a “)” is missing');
      return inner;
    }
    return this.#comparison();
  }

  #comparison(): Condition {
    const name = this.#next();
    const op = this.#next().toLowerCase();
    if (op === 'is') {
      const negated = this.#peek() === 'not';
      if (negated) this.#at++;
      this.#keyword('null');
      return { op: 'null', name, negated };
    }
    if (!['=', '<>', '!=', '<', '>', '<=', '>=', 'like'].includes(op))
      throw bad(`unexpected “${op}”`);
    const value = literal(this.#next());
    return { op: (op === '!=' ? '<>' : op) as Comparison, name, value };
  }

  #peek(): string | undefined {
    return this.#tokens[this.#at]?.toLowerCase();
  }

  #next(): string {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw bad('the query ends too early');
    return token;
  }

  #keyword(word: string): void {
    const token = this.#next();
    if (token.toLowerCase() !== word) throw bad(`expected “${word}”, found “${token}”`);
  }
}

function literal(token: string): string | number | boolean {
  const [first] = token;
  if (first === "'" || first === '"') return token.slice(1, -1).replace(/\\(.)/gs, '$1');
  if (/^-?\d/.test(token)) return Number(token);
  const word = token.toLowerCase();
  if (word === 'true' || word === 'false') return word === 'true';
  throw bad(`“${token}” is not a value`);
}

const bad = (why: string): CimFault =>
  new CimFault('cannotProcessFilter', `The query cannot be processed: ${why}`);
