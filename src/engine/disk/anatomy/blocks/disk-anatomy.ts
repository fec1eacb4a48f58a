import type { ParentLocator } from '../../vhdx/structures/locator/parent-locator.ts';
import type { DiskBlocks } from './disk-blocks.ts';
import type { FieldNode, FilePart } from '../../inspect/model.ts';

/** The structures of a disk image file. */
export interface DiskAnatomy {
  readonly format: 'vhdx' | 'vhd' | 'vhds' | 'qcow2' | 'raw';
  readonly subformat: 'fixed' | 'dynamic' | 'differencing' | null;
  readonly virtualSize: number | null;
  readonly blockSize: number | null;
  readonly parts: readonly FilePart[];
  readonly tree: readonly FieldNode[];
  /** For reading block states on demand. */
  readonly blocks: DiskBlocks | undefined;
  /** The texts of a differencing image's locator, by key. */
  readonly locator: ReadonlyMap<string, string> | undefined;
  /** GUIDs that the parent must have. */
  readonly linkage: Pick<ParentLocator, 'linkage' | 'linkage2'> | undefined;
  readonly locatorAt: number | null;
}
