import { Buffer } from 'node:buffer';
import { NIL_GUID } from '../../../base/guid.ts';
import { SNAPSHOT_TYPE } from '../../../net/rsvd/codec/meta/create-snapshot.ts';
import { DELETE_SNAPSHOT } from '../../../net/rsvd/codec/snapshots/delete-snapshot.ts';
import {
  encodeSnapshotList,
  fileTimeOf,
  listBytes,
  OPTIMIZE_NEEDED,
  SET_INFORMATION,
  SET_QUERY,
  SNAPSHOT_ENTRY,
} from '../../../net/rsvd/codec/snapshots/set-information.ts';
import { STATUS } from '../../../net/smb/status/nt-status.ts';
import { StatusError } from '../../smb/contract/status-error.ts';
import type { SetSnapshot } from '../disk/set-state.ts';
import { deleteSnapshot, needsOptimizing } from '../disk/snapshots.ts';
import {
  requireRoom,
  setOf,
  TunnelStatus,
  type TunnelCall,
  type TunnelHandler,
} from './contract.ts';

const { vm, cdp, writeable } = SNAPSHOT_TYPE;
const ENTRY_TYPES: readonly number[] = [vm, cdp, writeable];

const setInformation: TunnelHandler = async (call) => {
  const { open, payload } = call;
  if (payload.length !== SET_QUERY.size) throw new StatusError(STATUS.bufferTooSmall);
  const set = setOf(call);
  const { type, snapshotType, snapshotId } = SET_QUERY.decode(payload, 'smb.request');
  const { snapshots } = set.state;
  const requireNone = (): void => {
    if (snapshotType !== 0) throw new TunnelStatus(STATUS.invalidParameter);
  };
  switch (type) {
    case SET_INFORMATION.snapshotList:
      if (snapshotType !== vm) throw new TunnelStatus(STATUS.invalidParameter1);
      return list(
        call,
        snapshots.filter((each) => each.type === vm),
      );
    case SET_INFORMATION.snapshotEntry: {
      if (!ENTRY_TYPES.includes(snapshotType)) throw new TunnelStatus(STATUS.invalidParameter1);
      const found = snapshots.find(
        (each) => each.id === snapshotId && each.type === snapshotType && isDone(call, each),
      );
      // The specification names no status for a snapshot that does not exist.
      if (found === undefined) throw new TunnelStatus(STATUS.notFound);
      return entry(call, type, found);
    }
    case SET_INFORMATION.optimizeNeeded: {
      requireNone();
      requireRoom(call, OPTIMIZE_NEEDED.size);
      return OPTIMIZE_NEEDED.encode({ type, isNeeded: needsOptimizing(set) ? 1 : 0 });
    }
    case SET_INFORMATION.cdpRoot: {
      requireNone();
      const root = snapshots.find((each) => each.type === cdp);
      if (root === undefined) throw new TunnelStatus(STATUS.notFound);
      return entry(call, type, root);
    }
    case SET_INFORMATION.cdpActive:
    case SET_INFORMATION.cdpInactive: {
      requireNone();
      const active = type === SET_INFORMATION.cdpActive;
      return list(
        call,
        snapshots.filter((each) => each.type === cdp && each.active === active),
      );
    }
    default:
      void open;
      throw new TunnelStatus(STATUS.invalidParameter1);
  }
};

/** Whether all stages of a snapshot are done. */
const isDone = ({ open }: TunnelCall, { id }: SetSnapshot): boolean => !open.entry.staged.has(id);

function list(call: TunnelCall, snapshots: readonly SetSnapshot[]): Buffer {
  const ids = snapshots.filter((each) => isDone(call, each)).map(({ id }) => id);
  const endless = call.open.faults.number('rsvd.endless', 1_000_000);
  if (endless !== undefined) return encodeSnapshotList({ count: endless, ids: undefined });
  const fits = listBytes(ids.length) <= call.most;
  return encodeSnapshotList({ count: ids.length, ids: fits ? ids : undefined });
}

function entry(call: TunnelCall, type: number, snapshot: SetSnapshot): Buffer {
  requireRoom(call, SNAPSHOT_ENTRY.size);
  const { id, created, valid, logId } = snapshot;
  return SNAPSHOT_ENTRY.encode({
    type,
    created: call.open.switches.fileTimes() ? fileTimeOf(created) : BigInt(created),
    snapshotType: snapshot.type,
    isValid: valid ? 1 : 0,
    snapshotId: id,
    parentId: NIL_GUID,
    logId,
  });
}

const remove: TunnelHandler = async (call) => {
  const set = setOf(call);
  const { open, payload } = call;
  const { snapshotId, persistReference, snapshotType } = DELETE_SNAPSHOT.decode(
    payload,
    'smb.request',
  );
  const found = set.state.snapshots.find(
    ({ id, type }) => id === snapshotId && type === snapshotType,
  );
  if (found === undefined) throw new TunnelStatus(STATUS.notFound);
  const persists = persistReference !== 0;
  if (persists && (snapshotType !== vm || open.switches.noReferences())) {
    throw new TunnelStatus(STATUS.invalidParameter);
  }
  const { disk } = open.entry;
  const active = set.state.snapshots.filter((each) => each.type === cdp && each.active);
  const inMiddle = snapshotType === cdp && found.active && active[0] !== found;
  // The specification names no status for a snapshot that somebody reads.
  if (inMiddle || disk.isOpenSnapshot(found.id)) throw new TunnelStatus(STATUS.sharingViolation);
  await deleteSnapshot(disk, set, found, persists);
  return Buffer.alloc(0);
};

export const SET_HANDLERS = { setInformation, deleteSnapshot: remove } satisfies Record<
  string,
  TunnelHandler
>;
