import type { NewImageParent } from '../../disk/vhdx/structures/image/image-head.ts';
import type { ChainLink } from './point-chain.ts';

/**
 * Returns the contents of an increment's parent locator: the parent's file in the parent point's
 * folder, and the GUID that it must have.
 */
export function parentLinkOf({ point, disk }: ChainLink): NewImageParent {
  return { linkage: disk.dataWriteGuid, relativePath: `..\\${point.id}\\${disk.file}` };
}
