import type { ParentLocator } from '../../vhdx/structures/parent-locator.ts';
import type { BatScan } from './bat-scan.ts';
import type { BlockTable } from './block-states.ts';
import type { FieldNode, FilePart } from '../model/model.ts';

/** What a disk image file is made of. */
export interface DiskAnatomy {
  readonly format: 'vhdx' | 'vhd' | 'vhds' | 'raw';
  readonly subformat: 'fixed' | 'dynamic' | 'differencing' | null;
  readonly virtualSize: number | null;
  readonly blockSize: number | null;
  readonly parts: readonly FilePart[];
  readonly tree: readonly FieldNode[];
  /** Read on demand, for pictures of the blocks. */
  readonly blocks: { readonly table: BlockTable; readonly scan: BatScan } | undefined;
  /** The texts of a differencing image's locator by key. */
  readonly locator: ReadonlyMap<string, string> | undefined;
  /** What the parent must be. */
  readonly linkage: Pick<ParentLocator, 'linkage' | 'linkage2'> | undefined;
  readonly locatorAt: number | null;
}
