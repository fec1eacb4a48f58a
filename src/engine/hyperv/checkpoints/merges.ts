import { delay } from '../../base/abort.ts';
import { isEngineError } from '../../base/errors.ts';
import type { Guid } from '../../base/guid.ts';
import type { CimClient } from '../../cim/client.ts';
import { like, select } from '../../cim/wql.ts';
import { OPERATION } from '../calls/operations.ts';
import { perform } from '../calls/perform.ts';
import { hostError } from '../hyperv-errors.ts';
import { listCheckpoints } from '../inventory/checkpoints.ts';
import { diskPlaces } from '../inventory/disks.ts';
import { isMerging } from '../inventory/virtual-machines.ts';
import { CLASS, vmReference } from '../wmi-classes.ts';
import { WmiRecord } from '../wmi-record.ts';

const FIRST_POLL = 50;
const LAST_POLL = 2000;
/** Seconds between two progress notes of a wait. */
const REPORT_EVERY = 15;

export interface MergeWait {
  /** 0: checks once. */
  readonly seconds: number;
  readonly onWait?: (files: readonly string[], waited: number) => void;
}

/**
 * Returns when all merges of a VM's disks are complete: OperationalStatus[1] does not report a
 * merge, and every active disk on an `.avhdx` is explained by a checkpoint. An idle status alone
 * proves nothing, since VMMS may queue a merge. Throws `host.merge.stuck` after the time limit.
 */
export async function waitForMerge(
  client: CimClient,
  vmId: Guid,
  { seconds, onWait }: MergeWait,
  signal: AbortSignal,
): Promise<void> {
  const begun = performance.now();
  let reported = -REPORT_EVERY;
  for (let pause = FIRST_POLL; ; pause = Math.min(pause * 1.5, LAST_POLL)) {
    const merging = isMerging(new WmiRecord(await client.get(vmReference(vmId), signal)));
    const checkpoints = await listCheckpoints(client, vmId, signal);
    const paths =
      checkpoints.length > 0
        ? []
        : (await diskPlaces(client, vmId, signal)).map(({ path }) => path);
    const left = unexplained(checkpoints, paths);
    if (!merging && left.length === 0) return;
    // Only if there is something to wait for, and only once: if merging is disabled on the host,
    // waiting is useless.
    if (pause === FIRST_POLL) await ensureMerging(client, vmId, signal);
    const waited = Math.floor((performance.now() - begun) / 1000);
    if (waited >= seconds) throw stuck(vmId, left, merging, seconds);
    if (waited - reported >= REPORT_EVERY) {
      reported = waited;
      onWait?.(left, waited);
    }
    await delay(pause, signal);
  }
}

/**
 * Returns the paths of active disks that are differencing files although the VM has no checkpoint:
 * a merge is running or queued.
 */
export function unexplained(
  checkpoints: readonly unknown[],
  paths: readonly string[],
): readonly string[] {
  return checkpoints.length > 0 ? [] : paths.filter((path) => /\.avhdx?$/i.test(path));
}

function stuck(vmId: Guid, paths: readonly string[], merging: boolean, seconds: number): Error {
  const files = paths.length === 0 ? 'the disks of the VM' : paths.join(', ');
  const advice = merging
    ? 'The merge continues on the host'
    : 'See event 19100 of Hyper-V-VMMS; restarting the VM or the service vmms often helps';
  return hostError(
    'host.merge.stuck',
    `The host has not merged ${files} within ${seconds} s although no checkpoint uses them. ${advice}`,
    { data: { vm: vmId, found: paths, merging, seconds } },
  );
}

/**
 * Enables merging if it is disabled: an export without storage, by any product, leaves it disabled,
 * and checkpoints would pile up. A host that does not answer must not fail the backup: unmerged
 * disks are detected and reported anyway.
 */
export async function ensureMerging(
  client: CimClient,
  vmId: Guid,
  signal: AbortSignal,
): Promise<void> {
  try {
    if (await mergingEnabled(client, vmId, signal)) return;
    await enableMerging(client, vmId, signal);
  } catch (error) {
    if (signal.aborted || !isEngineError(error)) throw error;
  }
}

/** Whether merging is enabled for a VM; an export without storage leaves it disabled. */
async function mergingEnabled(
  client: CimClient,
  vmId: Guid,
  signal: AbortSignal,
): Promise<boolean> {
  const row = await mergeSettings(client, vmId, signal);
  return row === undefined || row.number('EnabledState') !== 0;
}

/** Enables merging. The ID's suffix is UNCONFIRMED, so the existing instance is read. */
async function enableMerging(client: CimClient, vmId: Guid, signal: AbortSignal): Promise<void> {
  const row = await mergeSettings(client, vmId, signal);
  if (row === undefined) return;
  const SettingData = { InstanceID: row.requireText('InstanceID'), EnabledState: 1 };
  await perform(client, OPERATION.modifyDiskMergeSettings, { SettingData }, signal);
}

async function mergeSettings(
  client: CimClient,
  vmId: Guid,
  signal: AbortSignal,
): Promise<WmiRecord | undefined> {
  const prefix = `Microsoft:${vmId.toUpperCase()}`;
  const wql = select(CLASS.diskMergeSettings, like('InstanceID', `${prefix}%`));
  for await (const instance of client.query(wql, signal)) return new WmiRecord(instance);
  return undefined;
}
