import { Buffer } from 'node:buffer';
import fs from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { delay, never } from '../../../base/abort.ts';
import { NIL_GUID } from '../../../base/guid.ts';
import { APPLY } from '../../../net/rsvd/codec/meta/apply.ts';
import { decodeConvert } from '../../../net/rsvd/codec/meta/convert.ts';
import { decodeExtract } from '../../../net/rsvd/codec/meta/extract.ts';
import { RESIZE } from '../../../net/rsvd/codec/meta/resize.ts';
import { SNAPSHOT_TYPE } from '../../../net/rsvd/codec/meta/create-snapshot.ts';
import {
  META,
  META_INPUT,
  META_START,
  PROGRESS,
  PROGRESS_REQUEST,
} from '../../../net/rsvd/codec/meta/start.ts';
import { TRACKING_STATUS } from '../../../net/rsvd/codec/changes/tracking.ts';
import { TUNNEL } from '../../../net/rsvd/codec/tunnel.ts';
import { STATUS } from '../../../net/smb/status/nt-status.ts';
import { SERVER_STATUS } from '../../smb/contract/server-status.ts';
import { StatusError } from '../../smb/contract/status-error.ts';
import { convertToSet, extractChanges, extractWhole } from '../disk/copies.ts';
import { safeSize } from '../disk/safe-size.ts';
import { applySnapshot, changesBetween, optimize } from '../disk/snapshots.ts';
import { setOf, TunnelStatus, type TunnelCall, type TunnelHandler } from './contract.ts';
import { createSnapshot } from './snapshot-stages.ts';

/** Carries out a meta operation on its data, without the common part. */
type MetaHandler = (call: TunnelCall, data: Buffer) => Promise<Buffer>;

const NOTHING = Buffer.alloc(0);
const STEPS = 10;
const DELETE_ON_CLOSE = 1;
// oxlint-disable-next-line no-control-regex -- names of Windows may not contain them
const FORBIDDEN = /[\u0000-\u001f"*/:<>?\\|]/;

const resize: MetaHandler = async ({ open }, data) => {
  const { entry } = open;
  const { newSize, expandOnly, allowUnsafe, shrinkToMinimum } = RESIZE.decode(data, 'smb.request');
  const mixed = newSize !== 0 || expandOnly !== 0 || allowUnsafe !== 0;
  if (shrinkToMinimum !== 0 && mixed) throw new TunnelStatus(STATUS.invalidParameter1);
  const { size } = await entry.disk.facts();
  if (expandOnly !== 0 && newSize < size) throw new TunnelStatus(STATUS.invalidParameter);
  const safe = await safeSize(entry.disk);
  const wanted = shrinkToMinimum === 0 ? newSize : safe;
  // The specification names no status for the next ones.
  if (wanted < safe && allowUnsafe === 0) throw new TunnelStatus(STATUS.invalidParameter);
  if ((entry.disk.set?.state.files.length ?? 1) > 1) throw new TunnelStatus(STATUS.notSupported);
  await entry.disk.session.edit((editor) => editor.resize(wanted, never));
  if (wanted !== size) entry.announce(STATUS.capacityChanged, open);
  return NOTHING;
};

const runOptimize: MetaHandler = async (call) => {
  await optimize(call.open.entry.disk, setOf(call));
  return NOTHING;
};

const extract: MetaHandler = async (call, data) => {
  const set = setOf(call);
  const { entry } = call.open;
  const { disk } = entry;
  const { snapshotType, flags, sourceId, limitId, name } = decodeExtract(data, 'smb.request');
  if (name === '' || FORBIDDEN.test(name)) throw new TunnelStatus(STATUS.invalidParameter);
  const isVm = snapshotType === SNAPSHOT_TYPE.vm;
  if (flags !== 0 && (!isVm || flags !== DELETE_ON_CLOSE)) {
    throw new TunnelStatus(STATUS.invalidParameter2);
  }
  const find = (wanted: string) =>
    set.state.snapshots.find(({ id, file }) => id === wanted && file !== '');
  const [source, limit] = [find(sourceId), find(limitId)];
  if (source === undefined || (limitId !== NIL_GUID && limit === undefined)) {
    throw new TunnelStatus(STATUS.invalidParameter);
  }
  const target = path.join(disk.folder, name);
  if (existsSync(target)) throw new TunnelStatus(STATUS.objectNameCollision);
  const opened = await disk.openSnapshot(source);
  try {
    if (limit === undefined) await extractWhole(opened, target);
    else {
      const within = { start: 0, end: opened.disk.size };
      const changed = changesBetween(set, limit, source, within);
      if (changed === undefined) throw new TunnelStatus(TRACKING_STATUS.notInitialized);
      const local = path.join(disk.folder, limit.file);
      await extractChanges(opened, changed, target, { local, host: disk.settings.toHost(local) });
    }
  } finally {
    await disk.closeSnapshot(source.id);
  }
  if (flags === DELETE_ON_CLOSE) entry.deletes = true;
  return NOTHING;
};

const convert: MetaHandler = async ({ open }, data) => {
  const { disk } = open.entry;
  if (disk.set !== undefined) throw new TunnelStatus(STATUS.invalidDeviceRequest);
  const name = decodeConvert(data, 'smb.request');
  if (!/\.vhds$/i.test(name) || FORBIDDEN.test(name)) {
    throw new TunnelStatus(STATUS.invalidParameter);
  }
  const target = path.join(disk.folder, name);
  if (existsSync(target)) throw new TunnelStatus(STATUS.objectNameCollision);
  await convertToSet(disk, target);
  return NOTHING;
};

const apply: MetaHandler = async (call, data) => {
  const set = setOf(call);
  const { entry } = call.open;
  const { snapshotType, snapshotId } = APPLY.decode(data, 'smb.request');
  const { vm, writeable } = SNAPSHOT_TYPE;
  if (snapshotType !== vm && snapshotType !== writeable) {
    throw new TunnelStatus(STATUS.invalidParameter1);
  }
  const found = set.state.snapshots.find(({ id, file }) => id === snapshotId && file !== '');
  if (found === undefined) throw new TunnelStatus(STATUS.notFound);
  await applySnapshot(entry.disk, set, found);
  entry.announce(STATUS.unitAttention, call.open);
  return NOTHING;
};

const OPERATIONS: Readonly<Record<number, MetaHandler>> = {
  [META.resize]: resize,
  [META.createSnapshot]: createSnapshot,
  [META.optimize]: runOptimize,
  [META.extract]: extract,
  [META.convert]: convert,
  [META.apply]: apply,
};

const metaStart: TunnelHandler = async (call) => {
  const { open, payload, control } = call;
  const { transactionId, type } = META_START.decode(payload, 'smb.request');
  const operation = OPERATIONS[type];
  if (operation === undefined) throw new TunnelStatus(STATUS.invalidParameter);
  if (payload.length + TUNNEL.size < (META_INPUT[type] ?? 0)) {
    throw new StatusError(STATUS.bufferTooSmall);
  }
  const { transactions } = open.entry;
  const transaction = { current: 0, complete: 100 };
  transactions.set(transactionId, transaction);
  const slow = open.faults.number('rsvd.pending', 200);
  if (slow !== undefined) {
    control.pend();
    for (let step = 1; step < STEPS; step++) {
      await delay(slow / STEPS, control.signal);
      transaction.current = (100 / STEPS) * step;
    }
  }
  const fails = open.faults.number('rsvd.fail', SERVER_STATUS.unsuccessful);
  if (fails !== undefined) throw new TunnelStatus(fails);
  const answer = await operation(call, payload.subarray(META_START.size));
  transaction.current = transaction.complete;
  return answer;
};

const metaProgress: TunnelHandler = async ({ open, payload }) => {
  const { transactionId } = PROGRESS_REQUEST.decode(payload, 'smb.request');
  const found = open.entry.transactions.get(transactionId);
  if (found === undefined) throw new TunnelStatus(STATUS.notFound);
  return PROGRESS.encode({ current: BigInt(found.current), complete: BigInt(found.complete) });
};

export const META_HANDLERS = { metaStart, metaProgress } satisfies Record<string, TunnelHandler>;

/** Removes a set with all its files. */
export async function removeSet(file: string, names: readonly string[]): Promise<void> {
  for (const name of names) await fs.rm(path.join(path.dirname(file), name), { force: true });
  await fs.rm(file, { force: true });
}
