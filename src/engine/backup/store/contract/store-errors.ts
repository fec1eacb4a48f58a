import { defineErrors } from '../../../base/errors.ts';

export const storeError = defineErrors({
  'store.exists': { permanent: true },
  'store.missing': { permanent: true, damage: true },
  'store.tooLarge': { permanent: true, damage: true },
  /** A path that no store has: absolute, with `..`, a device's name, or leading out over a link. */
  'store.path': { permanent: true },
  /** No kind of store has such locations. */
  'store.location': { permanent: true, userFixable: true },
  'store.notFound': { permanent: true, userFixable: true },
  /** A store that is known or expected is not at its place: not mounted, moved, or removed in mid-run. */
  'store.absent': { permanent: true, userFixable: true },
  'store.notStore': { permanent: true, userFixable: true },
  'store.version': { permanent: true, userFixable: true },
  'store.damaged': { permanent: true, damage: true },
  /** Another process writes this VM's points. */
  'lease.held': { userFixable: true },
  /** This process wrote, and another one has taken over since. */
  'lease.lost': { permanent: true },
});
