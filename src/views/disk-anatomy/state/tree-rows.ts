import type { AnatomyNode } from '../../../engine/api/anatomy.ts';

/** A visible node, with its position for screen readers. */
export interface TreeRow {
  readonly key: string;
  readonly node: AnatomyNode;
  /** From 1. */
  readonly level: number;
  /** Among its siblings, from 1. */
  readonly position: number;
  readonly siblings: number;
  readonly expanded: boolean;
}

/** Labels contain no line breaks. */
const SEPARATOR = '\n';

/**
 * Pairs siblings with their keys: names of nodes that stay the same after a changed file is reread.
 */
function keyed(
  nodes: readonly AnatomyNode[],
  parent: string,
): readonly { readonly key: string; readonly node: AnatomyNode }[] {
  const seen = new Map<string, number>();
  return nodes.map((node) => {
    const before = seen.get(node.label) ?? 0;
    seen.set(node.label, before + 1);
    const own = before === 0 ? node.label : `${node.label}~${before + 1}`;
    return { key: parent === '' ? own : `${parent}${SEPARATOR}${own}`, node };
  });
}

/** Returns the key of a node's parent; '' at the top. */
export function parentKey(key: string): string {
  const end = key.lastIndexOf(SEPARATOR);
  return end < 0 ? '' : key.slice(0, end);
}

/** Returns the visible nodes, from top to bottom. */
export function treeRows(
  tree: readonly AnatomyNode[],
  expanded: ReadonlySet<string>,
): readonly TreeRow[] {
  const rows: TreeRow[] = [];
  const add = (nodes: readonly AnatomyNode[], parent: string, level: number): void => {
    for (const [i, { key, node }] of keyed(nodes, parent).entries()) {
      const open = node.children.length > 0 && expanded.has(key);
      const place = { level, position: i + 1, siblings: nodes.length };
      rows.push({ key, node, ...place, expanded: open });
      if (open) add(node.children, key, level + 1);
    }
  };
  add(tree, '', 1);
  return rows;
}

export interface Found {
  readonly key: string;
  /** Labels from the root down. */
  readonly labels: readonly string[];
}

/** Finds the innermost structure or field that contains these bytes of the file. */
export function fieldAt(
  tree: readonly AnatomyNode[],
  offset: number,
  length: number,
): Found | undefined {
  let best: readonly AnatomyNode[] = [];
  let smallest = Infinity;
  const path: AnatomyNode[] = [];
  const look = (nodes: readonly AnatomyNode[]): void => {
    for (const node of nodes) {
      path.push(node);
      const { offset: start, length: size } = node;
      const inside =
        start !== null && size !== null && offset >= start && offset + length <= start + size;
      // Of several with equal length, the innermost.
      if (inside && size <= smallest) {
        best = [...path];
        smallest = size;
      }
      if (node.children.length > 0) look(node.children);
      path.pop();
    }
  };
  look(tree);
  return best.length === 0
    ? undefined
    : { key: keyOf(tree, best), labels: best.map(({ label }) => label) };
}

function keyOf(tree: readonly AnatomyNode[], path: readonly AnatomyNode[]): string {
  let key = '';
  let level = tree;
  for (const node of path) {
    key = keyed(level, key).find((each) => each.node === node)?.key ?? '';
    level = node.children;
  }
  return key;
}
