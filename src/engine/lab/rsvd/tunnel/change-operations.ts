import { Buffer } from 'node:buffer';
import { toStartLength } from '../../../base/range.ts';
import { RangeSet } from '../../../base/range-set.ts';
import {
  encodeChanges,
  QUERY_CHANGES,
  rangesIn,
  type QueriedChanges,
} from '../../../net/rsvd/codec/changes/query-changes.ts';
import {
  decodeTrackingStart,
  TRACKING_PARAMETERS,
  TRACKING_STATUS,
  TRACKING_STOPPED,
} from '../../../net/rsvd/codec/changes/tracking.ts';
import { SNAPSHOT_TYPE } from '../../../net/rsvd/codec/meta/create-snapshot.ts';
import { STATUS } from '../../../net/smb/status/nt-status.ts';
import { changesBetween } from '../disk/snapshots.ts';
import { setOf, TunnelStatus, type TunnelCall, type TunnelHandler } from './contract.ts';

const queryChanges: TunnelHandler = async (call) => {
  const set = setOf(call);
  const { open, payload } = call;
  const query = QUERY_CHANGES.decode(payload, 'smb.request');
  const { offset, length } = query;
  if (query.snapshotType !== SNAPSHOT_TYPE.vm) throw new TunnelStatus(STATUS.invalidParameter);
  const find = (wanted: string) => set.state.snapshots.find(({ id }) => id === wanted);
  const [target, limit] = [find(query.targetId), find(query.limitId)];
  if (target === undefined || limit === undefined) throw new TunnelStatus(STATUS.notFound);
  const size = await open.size();
  const whole = offset === 0 && length === size;
  if (length === 0 || offset + length > size || (whole && open.switches.partsOnly())) {
    throw new TunnelStatus(STATUS.invalidParameter);
  }
  const window = { start: offset, end: offset + length };
  const changed = changesBetween(set, limit, target, { start: 0, end: size });
  if (changed === undefined) throw new TunnelStatus(TRACKING_STATUS.notInitialized);
  const unit = open.switches.unit();
  const aligned = unit === undefined ? changed : changed.align(unit).clip({ start: 0, end: size });
  const touched = open.switches.wide() ? touching(aligned, window) : aligned.clip(window);
  const most = rangesIn(call.most);
  const found = touched.first(most + 1);
  const ranges = found.slice(0, most).map(toStartLength);
  const next = found[most];
  const processed = next === undefined ? length : Math.max(0, next.start - offset);
  return encodeChanges(falsified(call, { processed, ranges }, size));
};

/** Returns the whole ranges that have bytes in a window. */
const touching = (all: RangeSet, { start, end }: { start: number; end: number }): RangeSet =>
  RangeSet.of(all.ranges.filter((range) => range.end > start && range.start < end));

/** Falsifies a correct answer, for faults. */
function falsified({ open }: TunnelCall, honest: QueriedChanges, size: number): QueriedChanges {
  const { faults } = open;
  let { processed } = honest;
  const ranges = [...honest.ranges];
  if (faults.strike('rsvd.stall') !== undefined) processed = 0;
  const short = faults.number('rsvd.short', 4096);
  if (short !== undefined) processed = Math.min(processed, short);
  if (faults.strike('rsvd.over') !== undefined) processed += 4096;
  if (faults.strike('rsvd.beyond') !== undefined) ranges.push({ start: size, length: 65_536 });
  if (faults.strike('rsvd.overshoot') !== undefined) {
    ranges.push({ start: size - 4096, length: 8192 });
  }
  return { processed, ranges };
}

const trackingStart: TunnelHandler = async (call) => {
  const { state } = setOf(call);
  const { logName, logId, maxLogSize, append } = decodeTrackingStart(call.payload, 'smb.request');
  if (logName !== '' && call.open.switches.strictLog()) {
    throw new TunnelStatus(STATUS.invalidParameter);
  }
  if (state.log.status === TRACKING_STATUS.active) {
    throw new TunnelStatus(TRACKING_STATUS.invalidState);
  }
  const size = append === 0 ? 0 : state.log.size;
  state.log = { status: TRACKING_STATUS.active, logId, logName, maxSize: maxLogSize, size };
  await call.open.entry.disk.save();
  return Buffer.alloc(0);
};

const trackingStop: TunnelHandler = async (call) => {
  const { state } = setOf(call);
  const { status } = state.log;
  state.log.status = TRACKING_STATUS.notInitialized;
  for (const snapshot of state.snapshots) snapshot.active = false;
  await call.open.entry.disk.save();
  return TRACKING_STOPPED.encode({ status });
};

const trackingParameters: TunnelHandler = async (call) => {
  const { log } = setOf(call).state;
  return TRACKING_PARAMETERS.encode({ status: log.status, logSize: log.size });
};

export const CHANGE_HANDLERS = {
  queryChanges,
  trackingStart,
  trackingStop,
  trackingParameters,
} satisfies Record<string, TunnelHandler>;
