import type { TraceNode } from '../../api/trace.ts';

/** Returns a JSON value as the tree of an exchange, of at most `most` nodes. */
export function jsonTree(value: unknown, most: number): TraceNode {
  const budget = { nodes: most };
  return nodeOf('data', value, budget);
}

function nodeOf(name: string, value: unknown, budget: { nodes: number }): TraceNode {
  budget.nodes--;
  if (typeof value !== 'object' || value === null) {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return { name, value: value === null ? '' : text, attributes: [], children: [] };
  }
  const children: TraceNode[] = [];
  for (const [key, each] of Object.entries(value)) {
    if (budget.nodes <= 0) break;
    children.push(nodeOf(Array.isArray(value) ? `[${key}]` : key, each, budget));
  }
  return { name, value: '', attributes: [], children };
}
