import type { BulkCopy } from '../../disk/bulk/bulk-copy.ts';
import { bulkLeaves, leafBehind } from '../../disk/bulk/bulk-leaves.ts';
import type { HashTreeWriter } from './hash-tree-writer.ts';

/**
 * Returns the parts of a bulk copy that pass its leaves to a hash tree; pages that lie behind are
 * sealed as it goes.
 */
export function bulkHashes(
  tree: Pick<HashTreeWriter, 'shape' | 'set' | 'setZero' | 'sealBelow'>,
  signal: AbortSignal,
): Pick<BulkCopy, 'leaf' | 'result'> {
  const { unit } = tree.shape.format;
  const { units } = tree.shape;
  return {
    leaf: unit,
    result: (result) => {
      for (const { leaf, digest } of bulkLeaves(result, unit)) {
        if (digest === undefined) tree.setZero(leaf);
        else tree.set(leaf, digest);
      }
      return tree.sealBelow(Math.min(leafBehind(result, unit), units), signal);
    },
  };
}
