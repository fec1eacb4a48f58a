import type { CompareOp, LabCondition, LabQuery, LabSelect, Operand } from './wql-query.ts';
import { bad, wqlTokens } from './wql-tokens.ts';

/** Parses the WQL that Hyper-V clients use. Throws the CannotProcessFilter fault. */
export function parseWql(text: string): LabQuery {
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

class SelectParser {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = wqlTokens(text);
  }

  parse(): LabSelect {
    this.#keyword('select');
    const names = this.#names();
    this.#keyword('from');
    const className = this.#next();
    let where: LabCondition | undefined;
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

  #or(depth: number): LabCondition {
    let left = this.#and(depth);
    while (this.#peek() === 'or') {
      this.#at++;
      left = { op: 'or', left, right: this.#and(depth) };
    }
    return left;
  }

  #and(depth: number): LabCondition {
    let left = this.#not(depth);
    while (this.#peek() === 'and') {
      this.#at++;
      left = { op: 'and', left, right: this.#not(depth) };
    }
    return left;
  }

  #not(depth: number): LabCondition {
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

  #comparison(): LabCondition {
    const first = this.#next();
    const op = this.#next().toLowerCase();
    if (op === 'is') {
      const negated = this.#peek() === 'not';
      if (negated) this.#at++;
      this.#keyword('null');
      return { op: 'null', name: nameIn(first), negated };
    }
    if (op === 'isa') {
      const { value } = constant(this.#next(), false);
      return { op: 'isa', name: nameIn(first), className: String(value) };
    }
    if (!OPERATORS.has(op)) throw bad(`unexpected “${op}”`);
    const by = (op === '!=' ? '<>' : op) as CompareOp;
    const left = operand(first, by);
    const right = operand(this.#next(), by);
    if ('value' in left && 'value' in right) throw bad(`“${first}” is not a property`);
    // Two properties are compared only if one of them is of the system, such as __SERVER.
    const names = [left, right].map((each) => ('property' in each ? each.property : '__'));
    if (!names.some((name) => name.startsWith('__'))) throw bad(`“${names[1]}” is not a value`);
    return { op: 'compare', by, left, right };
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

const OPERATORS = new Set(['=', '<>', '!=', '<', '>', '<=', '>=', 'like']);

const isName = (token: string): boolean =>
  /^[A-Za-z_]/.test(token) && !/^(true|false|null)$/i.test(token);

function nameIn(token: string): string {
  if (isName(token)) return token;
  throw bad(`“${token}” is not a property`);
}

function operand(token: string, by: CompareOp): Operand {
  return isName(token) ? { property: token } : constant(token, by === 'like');
}

/**
 * In a pattern a backslash before another character than a quote or a backslash is itself: clients
 * send it single and doubled.
 */
function constant(token: string, pattern: boolean): { readonly value: string | number | boolean } {
  const [first] = token;
  if (first === "'" || first === '"') {
    const escaped = pattern ? /\\(['"\\])/g : /\\(.)/gs;
    return { value: token.slice(1, -1).replace(escaped, '$1') };
  }
  if (/^-?\d/.test(token)) return { value: Number(token) };
  const word = token.toLowerCase();
  if (word === 'true' || word === 'false') return { value: word === 'true' };
  throw bad(`“${token}” is not a value`);
}
