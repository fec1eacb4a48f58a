import type { TraceNode } from '../../../engine/api/trace.ts';

/** A visible row of a decoded envelope. */
export interface NodeRow {
  readonly node: TraceNode;
  /** Positions of the node and its ancestors, such as `0.1.4`. */
  readonly key: string;
  readonly level: number;
  readonly position: number;
  readonly siblings: number;
  readonly open: boolean;
}

/** Returns the rows of a tree, without the descendants of closed nodes. */
export function nodeRows(tree: TraceNode, closed: ReadonlySet<string>): readonly NodeRow[] {
  const rows: NodeRow[] = [];
  const add = (nodes: readonly TraceNode[], above: string, level: number): void => {
    nodes.forEach((node, i) => {
      const key = above === '' ? String(i) : `${above}.${i}`;
      const open = node.children.length > 0 && !closed.has(key);
      rows.push({ node, key, level, position: i + 1, siblings: nodes.length, open });
      if (open) add(node.children, key, level + 1);
    });
  };
  add([tree], '', 1);
  return rows;
}

/** Returns the keys of nodes that are closed at first: the header, which repeats the facts above. */
export const closedAtFirst = (tree: TraceNode): ReadonlySet<string> =>
  new Set(tree.children.flatMap(({ name }, i) => (name === 'Header' ? [`0.${i}`] : [])));

/** Returns the key of a node's parent; empty for the root. */
export const parentOf = (key: string): string => key.slice(0, Math.max(0, key.lastIndexOf('.')));
