import { defineErrors } from '../../base/errors.ts';

/**
 * Errors of the records that a store keeps about points: manifests, hash trees, ledgers, VM
 * records.
 */
export const recordError = defineErrors({
  /** Not JSON, or a field is missing, unknown, of the wrong type or out of range. */
  'manifest.damaged': { permanent: true, damage: true },
  /** Well-formed, but some field was changed after writing. */
  'manifest.checksum': { permanent: true, damage: true },
  /** A finished point has no manifest: other points build on it, or it was verified before. */
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
  /** The newest point cannot be read; the user has to name an older one. */
  'point.damaged': { permanent: true, userFixable: true, damage: true },
  /** An image in the store does not match its manifest. */
  'point.image': { permanent: true, damage: true },
  /** The parent of a point is missing, or its parents form a loop. */
  'chain.gap': { permanent: true, damage: true },
  'chain.cycle': { permanent: true, damage: true },
  'chain.depth': { permanent: true, damage: true },
});
