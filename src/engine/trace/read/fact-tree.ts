import type { TraceNode } from '../../api/trace.ts';

/** Maximum number of facts of a tree; a message has a few dozen. */
const MAX_FACTS = 1000;

/** Returns the tree of a message in words (TRACE.md): its command, and a child for each fact. */
export function factTree(text: string): TraceNode {
  const [name = '', ...lines] = text.split('\n', MAX_FACTS + 1);
  return { name, value: '', attributes: [], children: lines.map(fact) };
}

function fact(line: string): TraceNode {
  const [, name = line.trim(), value = ''] = /^ *([^:]*): ?(.*)$/.exec(line) ?? [];
  return { name, value, attributes: [], children: [] };
}
