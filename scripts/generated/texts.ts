import { parseSync } from 'oxc-parser';

/** A node of the syntax tree, as far as texts are looked for in it. */
export interface Syntax {
  readonly type: string;
  readonly start: number;
  readonly [member: string]: unknown;
}

export interface SourceText {
  readonly path: string;
  readonly text: string;
}

export interface FoundCall {
  /** `path:line`, for messages. */
  readonly place: string;
  /** The English text; undefined where it is not written there. */
  readonly text: string | undefined;
  /** Whether it is looked up while its module loads rather than when it is shown. */
  readonly early: boolean;
  /** The nearest function around it that has a name. */
  readonly inside: string;
}

/** Calls of `vscode.l10n.t`, also by the name `t`. */
export function callsOfT(source: SourceText): readonly FoundCall[] {
  const calls: FoundCall[] = [];
  walk(parse(source), (node, parents) => {
    if (node.type !== 'CallExpression' || !isT(node['callee'] as Syntax)) return;
    const [first] = node['arguments'] as readonly Syntax[];
    const functions = parents.filter(({ type }) => /Function/.test(type));
    calls.push({
      place: placeOf(source, node),
      text: first === undefined ? undefined : literal(first),
      early: functions.length === 0,
      inside: functions.map(nameOf).findLast(Boolean) ?? '',
    });
  });
  return calls;
}

export function parse({ path, text }: SourceText): Syntax {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message ?? ''}`);
  return program as unknown as Syntax;
}

/** Every node with those around it, the outermost first. */
export function walk(
  root: Syntax,
  visit: (node: Syntax, parents: readonly Syntax[]) => void,
  parents: readonly Syntax[] = [],
): void {
  visit(root, parents);
  const below = [...parents, root];
  for (const value of Object.values(root).flat()) {
    if (isSyntax(value)) walk(value, visit, below);
  }
}

export const placeOf = ({ path, text }: SourceText, { start }: Syntax): string =>
  `${path}:${text.slice(0, start).split('\n').length}`;

const isSyntax = (value: unknown): value is Syntax =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

export function isT(callee: Syntax): boolean {
  if (callee.type === 'Identifier') return callee['name'] === 't';
  if (callee.type !== 'MemberExpression') return false;
  const object = callee['object'] as Syntax;
  const ofL10n =
    object['name'] === 'l10n' || (object['property'] as Syntax | undefined)?.['name'] === 'l10n';
  return (callee['property'] as Syntax)['name'] === 't' && ofL10n;
}

/** What a string is that is written out: in quotes, without holes, or of such parts. */
export function literal(node: Syntax): string | undefined {
  if (node.type === 'Literal' && typeof node['value'] === 'string') return node['value'];
  if (node.type === 'TemplateLiteral') {
    const [only, ...more] = node['quasis'] as readonly {
      readonly value: { readonly cooked: string };
    }[];
    return more.length === 0 ? only?.value.cooked : undefined;
  }
  if (node.type !== 'BinaryExpression' || node['operator'] !== '+') return undefined;
  const left = literal(node['left'] as Syntax);
  const right = literal(node['right'] as Syntax);
  return left === undefined || right === undefined ? undefined : left + right;
}

function nameOf(node: Syntax): string {
  const id = node['id'] as Syntax | null | undefined;
  return typeof id?.['name'] === 'string' ? id['name'] : '';
}
