import { defineErrors } from '../../base/errors.ts';

/** The records that a store keeps about points: manifests, hash trees, ledgers, VM records. */
export const recordError = defineErrors({
  /** Not JSON, or a field is missing, unknown, of the wrong type or out of its bounds. */
  'manifest.damaged': { permanent: true, damage: true },
  /** Well-formed, but not what was written: some field was changed. */
  'manifest.checksum': { permanent: true, damage: true },
  /** Gone from a point that was finished: others build on it, or it was verified. */
  'manifest.missing': { permanent: true, damage: true },
  'manifest.version': { permanent: true, userFixable: true },
  'ledger.damaged': { permanent: true, damage: true },
  'ledger.version': { permanent: true, userFixable: true },
  'ledger.intent': { permanent: true },
  'vm.damaged': { permanent: true, damage: true },
  'vm.missing': { permanent: true, userFixable: true },
  'vm.ambiguous': { permanent: true, userFixable: true },
  'hashes.damaged': { permanent: true, damage: true },
  'hashes.version': { permanent: true, userFixable: true },
  'hashes.usage': { permanent: true },
  'point.id': { permanent: true, userFixable: true },
  'point.missing': { permanent: true, userFixable: true },
  'point.incomplete': { permanent: true, userFixable: true },
  /** The newest point cannot be read; an older one must be named. */
  'point.damaged': { permanent: true, userFixable: true, damage: true },
  /** An image in the store is not the one that its manifest records. */
  'point.image': { permanent: true, damage: true },
  /** A point whose parent is gone, or whose parents lead back to itself. */
  'chain.gap': { permanent: true, damage: true },
  'chain.cycle': { permanent: true, damage: true },
  'chain.depth': { permanent: true, damage: true },
});
