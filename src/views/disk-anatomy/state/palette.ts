import { BLOCK_STATES, type BlockStateName, type RegionKind } from '../../../engine/api/anatomy.ts';

const REGION_KINDS = [
  'identifier',
  'header',
  'regionTable',
  'log',
  'bat',
  'metadata',
  'payload',
  'bitmap',
  'footer',
  'unused',
  'unknown',
] as const satisfies readonly RegionKind[];

/** A theme's colours for drawing on canvases, read from the style sheet. */
export interface Palette {
  readonly kinds: Readonly<Record<RegionKind, string>>;
  readonly states: Readonly<Record<BlockStateName, string>>;
  readonly text: string;
  readonly background: string;
  readonly border: string;
  readonly focus: string;
}

export function readPalette(root: HTMLElement): Palette {
  const style = getComputedStyle(root);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  return {
    kinds: record(REGION_KINDS, (kind) => colour(`--kind-${kind}`)),
    states: record(BLOCK_STATES, (state) => colour(`--state-${state}`)),
    text: colour('--view-text'),
    background: colour('--view-background'),
    border: colour('--view-border'),
    focus: colour('--view-focus'),
  };
}

function record<Name extends string>(
  names: readonly Name[],
  value: (name: Name) => string,
): Readonly<Record<Name, string>> {
  const entries = names.map((name) => [name, value(name)] as const);
  return Object.fromEntries(entries) as Record<Name, string>;
}
