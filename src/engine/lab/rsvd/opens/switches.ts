import type { FaultSwitches } from '../../faults.ts';

/**
 * Readings of what is UNCONFIRMED about real servers, and the version of the server: each switch selects
 * the other reading.
 */
export interface RsvdSwitches {
  /** Version of the protocol that the server speaks. */
  version(): 1 | 2;
  /** Contexts with which a snapshot can be read: either form, `alone`, or `both`. */
  target(): 'either' | 'alone' | 'both';
  /** Creation times are FILETIMEs, not milliseconds since 1970. */
  fileTimes(): boolean;
  /** PersistReference of a VM snapshot is refused. */
  noReferences(): boolean;
  /** The name of a log file is refused. */
  strictLog(): boolean;
  /** The answer to CreateSnapshot of VM snapshots has 4 bytes. */
  longReply(): boolean;
  /** Opens without the right to write are refused. */
  writesOnly(): boolean;
  /** Changed ranges are extended to units of this many bytes; undefined: as tracked. */
  unit(): number | undefined;
  /** Ranges may exceed the queried region. */
  wide(): boolean;
  /** A query of the whole disk is refused. */
  partsOnly(): boolean;
  /** Unaligned reads are served. */
  unaligned(): boolean;
  /** The support query needs an open of the shared disk. */
  ownQueries(): boolean;
  /** Only a scale-out share has shared disks, not every share of its server. */
  ownShare(): boolean;
  /** Opens of snapshots answer READ CAPACITY and GET LBA STATUS, which is UNCONFIRMED. */
  snapshotScsi(): boolean;
}

export const switchesOf = (faults: FaultSwitches): RsvdSwitches => ({
  version: () => (faults.isOn('rsvd.v1') ? 1 : 2),
  target: () => {
    const value = faults.strike('rsvd.target')?.value;
    return value === 'alone' || value === 'both' ? value : 'either';
  },
  fileTimes: () => faults.isOn('rsvd.filetime'),
  noReferences: () => faults.isOn('rsvd.noReference'),
  strictLog: () => faults.isOn('rsvd.strictLog'),
  longReply: () => faults.isOn('rsvd.longReply'),
  writesOnly: () => faults.isOn('rsvd.writeAccess'),
  unit: () => faults.number('rsvd.unit', 2 ** 20),
  wide: () => faults.isOn('rsvd.wide'),
  partsOnly: () => faults.isOn('rsvd.parts'),
  unaligned: () => faults.isOn('rsvd.unaligned'),
  ownQueries: () => faults.isOn('rsvd.ownQuery'),
  ownShare: () => faults.isOn('rsvd.ownShare'),
  snapshotScsi: () => !faults.isOn('rsvd.noSnapshotScsi'),
});
