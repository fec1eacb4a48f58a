import { defineErrors } from '../../../base/errors.ts';

export const storeError = defineErrors({
  'store.exists': { permanent: true },
  'store.missing': { permanent: true, damage: true },
  'store.tooLarge': { permanent: true, damage: true },
  /** An invalid store path: absolute, with `..`, with a device name, or leading out over a link. */
  'store.path': { permanent: true },
  /** No kind of store accepts this location. */
  'store.location': { permanent: true, userFixable: true },
  'store.notFound': { permanent: true, userFixable: true },
  /** A known or expected store is missing: not mounted, moved, or removed during the run. */
  'store.absent': { permanent: true, userFixable: true },
  'store.notStore': { permanent: true, userFixable: true },
  'store.version': { permanent: true, userFixable: true },
  'store.damaged': { permanent: true, damage: true },
  /** Another process is writing this VM's points. */
  'lease.held': { userFixable: true },
  /** Another process has taken over the lease of this process. */
  'lease.lost': { permanent: true },
});
