import { element } from '../dom.ts';

/** A visible row of a tree. */
export interface TreePlace {
  /** Depth, from 1. */
  readonly level: number;
  /** Position among the siblings, from 1, and their number. */
  readonly position: number;
  readonly siblings: number;
  /** undefined: the row has no children. */
  readonly open: boolean | undefined;
}

/**
 * Creates the row of a tree (ARIA 1.2 treeitem) with its arrow and indentation. A click on the arrow
 * has a target with `data-own`.
 */
export function treeItem(
  { level, position, siblings, open }: TreePlace,
  cells: readonly HTMLElement[],
  title?: string,
): HTMLElement {
  const group = open !== undefined;
  const arrow = {
    class: group ? 'twisty' : 'twisty none',
    'aria-hidden': 'true',
    'data-own': group,
  };
  const made = element(
    'div',
    {
      role: 'treeitem',
      'aria-level': level,
      'aria-posinset': position,
      'aria-setsize': siblings,
      'aria-expanded': group ? String(open) : undefined,
      title,
    },
    element('span', arrow),
    ...cells,
  );
  made.style.setProperty('--level', String(level - 1));
  return made;
}

/** Effect of an arrow key on a row of a tree; undefined if the key is not Left or Right. */
export function arrowEffect(
  key: string,
  open: boolean | undefined,
): 'toggle' | 'child' | 'parent' | 'none' | undefined {
  if (key === 'ArrowLeft') return open === true ? 'toggle' : 'parent';
  if (key !== 'ArrowRight') return undefined;
  if (open === undefined) return 'none';
  return open ? 'child' : 'toggle';
}
