/** The model of a disk image file. api/anatomy.ts has the same shapes for JSON. */
export type NodeState = 'ok' | 'bad' | 'old' | 'none';

/** A decoded structure or field. */
export interface FieldNode {
  readonly label: string;
  readonly value: string;
  readonly offset: number | null;
  readonly length: number | null;
  readonly state: NodeState;
  readonly help: string;
  readonly children: readonly FieldNode[];
}

export interface NodeParts {
  readonly value?: string;
  /** Location in the file. */
  readonly at?: readonly [offset: number, length: number];
  readonly state?: NodeState;
  readonly help?: string;
  readonly children?: readonly FieldNode[];
}

export function node(label: string, parts: NodeParts = {}): FieldNode {
  const { value = '', at, state = 'none', help = '', children = [] } = parts;
  return { label, value, offset: at?.[0] ?? null, length: at?.[1] ?? null, state, help, children };
}

export type PartKind =
  | 'identifier'
  | 'header'
  | 'regionTable'
  | 'log'
  | 'bat'
  | 'metadata'
  | 'payload'
  | 'bitmap'
  | 'footer'
  | 'unused'
  | 'unknown';

/** A part of the file and its use; it may be unused. */
export interface FilePart {
  readonly kind: PartKind;
  readonly label: string;
  readonly start: number;
  readonly length: number;
}

export interface ParentPath {
  readonly key: 'relative_path' | 'absolute_win32_path' | 'volume_path';
  readonly text: string;
  readonly place: 'beside' | 'store' | 'elsewhere' | 'remote';
  readonly found: string | null;
}

/** Maximum number of shown members of a list; a node tells how many are not shown. */
export const MAX_LISTED = 64;

/** Returns the node for the members that are not shown. */
export function moreNode(count: number): readonly FieldNode[] {
  return count > 0
    ? [node(`… ${count} more`, { help: 'Not listed; the hex pane shows them.' })]
    : [];
}
