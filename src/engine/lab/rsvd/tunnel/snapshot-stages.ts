import { Buffer } from 'node:buffer';
import { NIL_GUID } from '../../../base/guid.ts';
import {
  decodeCreateSnapshot,
  ENABLE_CHANGE_TRACKING,
  SNAPSHOT_TYPE,
  STAGE,
  type CreateSnapshot,
} from '../../../net/rsvd/codec/meta/create-snapshot.ts';
import { TRACKING_STATUS } from '../../../net/rsvd/codec/changes/tracking.ts';
import { STATUS } from '../../../net/smb/status/nt-status.ts';
import { deleteSnapshot, finishSnapshot, takeSnapshot } from '../disk/snapshots.ts';
import type { SharedSet } from '../disk/shared-disk.ts';
import type { DiskEntry, StagedSnapshot } from '../opens/disk-entry.ts';
import type { SharedOpen } from '../opens/shared-open.ts';
import { setOf, TunnelStatus, type TunnelCall } from './contract.ts';

const { vm, cdp, writeable } = SNAPSHOT_TYPE;
const TYPES: readonly number[] = [vm, cdp, writeable];
/** Milliseconds for which Windows lets a CDP snapshot block input and output. */
const MOST_BLOCKED = 700;

/** Carries out the stages of a snapshot that a request names (MS-RSVD 3.2.5.5.7.1). */
export async function createSnapshot(call: TunnelCall, data: Buffer): Promise<Buffer> {
  const request = decodeCreateSnapshot(data, 'smb.request');
  checkRequest(request);
  const set = setOf(call);
  const { entry } = call.open;
  for (const stage of request.stages) {
    if (stage !== STAGE.none) await runStage(call, set, request, stage);
  }
  const isCdp = request.snapshotType === cdp;
  if (!isCdp && !call.open.switches.longReply()) return Buffer.alloc(0);
  const reply = Buffer.alloc(4);
  reply.writeUInt32LE(isCdp ? (entry.disk.set?.state.log.status ?? 0) : 0);
  return reply;
}

function checkRequest({ snapshotType, flags, stages, payloadSize, log }: CreateSnapshot): void {
  const refuse = (status: number): never => {
    throw new TunnelStatus(status);
  };
  if (!TYPES.includes(snapshotType)) refuse(STATUS.invalidParameter1);
  const [first = 0] = stages;
  if (first === STAGE.none) refuse(STATUS.invalidParameter2);
  for (const [at, stage] of stages.entries()) {
    const before = stages[at - 1];
    if (before === undefined || stage === STAGE.none) continue;
    if (before === STAGE.none) refuse(STATUS.invalidParameter3);
    if (stage <= before) refuse(STATUS.invalidParameter4);
  }
  if (stages.some((stage) => stage > STAGE.finalize)) refuse(STATUS.invalidParameter4);
  const initializes = snapshotType === vm && first === STAGE.initialize;
  const wrongFlags = (flags & ~ENABLE_CHANGE_TRACKING) !== 0 || (flags !== 0 && !initializes);
  if (wrongFlags) refuse(STATUS.invalidParameter5);
  if (payloadSize !== 0) refuse(STATUS.invalidParameter);
  if (snapshotType === cdp && (log?.logNameLength ?? 0) !== 0) refuse(STATUS.invalidParameter6);
}

async function runStage(
  { open }: TunnelCall,
  set: SharedSet,
  request: CreateSnapshot,
  stage: number,
): Promise<void> {
  const { entry } = open;
  const { disk, staged } = entry;
  const { snapshotId: id, snapshotType: type } = request;
  const known = staged.get(id);
  if (stage === STAGE.initialize) {
    const exists = known !== undefined || set.state.snapshots.some((each) => each.id === id);
    if (exists) throw new TunnelStatus(STATUS.objectNameCollision);
    if (type === cdp && set.state.log.status !== TRACKING_STATUS.active) {
      throw new TunnelStatus(TRACKING_STATUS.notInitialized);
    }
    const tracked = (request.flags & ENABLE_CHANGE_TRACKING) !== 0;
    const logId = type === cdp ? (request.log?.logId ?? NIL_GUID) : NIL_GUID;
    const facts = { id, type, tracked, logId, owner: open, stage };
    staged.set(id, { ...facts, timedOut: false, timer: undefined });
    return;
  }
  if (known === undefined || known.stage !== stage - 1 || known.type !== type) {
    throw new TunnelStatus(STATUS.invalidParameter);
  }
  if (known.timedOut) {
    staged.delete(id);
    throw new TunnelStatus(STATUS.ioTimeout);
  }
  if (stage === STAGE.blockIo) {
    disk.block();
    if (type === cdp) {
      known.timer = setTimeout(() => {
        known.timedOut = true;
        disk.unblock();
      }, MOST_BLOCKED);
    }
  } else if (stage === STAGE.switchObjectStore) {
    await takeSnapshot(disk, set, known);
  } else if (stage === STAGE.unblockIo) {
    clearTimeout(known.timer);
    disk.unblock();
  } else {
    staged.delete(id);
    await finishSnapshot(disk, set, id);
  }
  known.stage = stage;
}

/** Undoes the snapshots that an open began and did not finish. */
export async function abandonStages(entry: DiskEntry, open: SharedOpen): Promise<void> {
  const { disk } = entry;
  const mine = [...entry.staged.values()].filter(({ owner }) => owner === open);
  for (const each of mine) await abandon(entry, each);
  if (mine.length > 0) disk.unblock();
}

async function abandon({ disk, staged }: DiskEntry, { id, timer }: StagedSnapshot): Promise<void> {
  clearTimeout(timer);
  staged.delete(id);
  const taken = disk.set?.state.snapshots.find((each) => each.id === id);
  if (disk.set !== undefined && taken !== undefined) {
    await deleteSnapshot(disk, disk.set, taken, false);
  }
}
