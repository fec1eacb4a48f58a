import { structure } from '../layout/structure.ts';

/** Data of ApplySnapshot. */
export const APPLY = structure('SVHDX_APPLY_SNAPSHOT_PARAMS', '2.2.4.36', 20, {
  snapshotType: [0, 'u32', 'SnapshotType: 1 VM, 4 writeable'],
  snapshotId: [4, 'guid', 'SnapshotID'],
});
