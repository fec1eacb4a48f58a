import { structure } from '../layout/structure.ts';

/** Request of DELETE_SNAPSHOT. */
export const DELETE_SNAPSHOT = structure('SVHDX_TUNNEL_DELETE_SNAPSHOT_REQUEST', '2.2.4.26', 24, {
  snapshotId: [0, 'guid', 'SnapshotId'],
  persistReference: [
    16,
    'u32',
    'PersistReference: 1 keeps the id as a reference (UNCONFIRMED for VM)',
  ],
  snapshotType: [20, 'u32', 'SnapshotType'],
});
