import { delay } from '../base/abort.ts';
import type { Guid } from '../base/guid.ts';
import type { WsmanClient } from '../net/wsman/client.ts';
import { wqlString } from '../net/wsman/object-path.ts';
import { callService } from './call-service.ts';
import { hostError } from './hyperv-errors.ts';
import { listCheckpoints } from './checkpoints.ts';
import { attachedDisks } from './disks.ts';
import { CLASS, MERGING, vmReference } from './wmi-classes.ts';
import { WmiRecord } from './wmi-record.ts';

const FIRST_POLL = 50;
const LAST_POLL = 2000;
/** Seconds between two reports of a wait. */
const REPORT_EVERY = 15;

export interface MergeWait {
  /** 0: looks once. */
  readonly seconds: number;
  readonly onWait?: (files: readonly string[], waited: number) => void;
}

/**
 * Returns when a VM's disks are really merged: OperationalStatus[1] does not say that a merge runs, and no active disk is on
 * an `.avhdx` that no checkpoint explains. An idle status alone proves nothing, since VMMS may queue a merge. Throws
 * `host.merge.stuck` if that is not so within the limit.
 */
export async function waitForMerge(
  client: WsmanClient,
  vmId: Guid,
  { seconds, onWait }: MergeWait,
  signal: AbortSignal,
): Promise<void> {
  const begun = performance.now();
  let reported = -REPORT_EVERY;
  for (let pause = FIRST_POLL; ; pause = Math.min(pause * 1.5, LAST_POLL)) {
    const vm = new WmiRecord(await client.get(vmReference(vmId), signal));
    const merging = vm.numbers('OperationalStatus')[1] === MERGING;
    const left = await unexplained(client, vmId, signal);
    if (!merging && left.length === 0) return;
    const waited = Math.floor((performance.now() - begun) / 1000);
    if (waited >= seconds) throw stuck(vmId, left, merging, seconds);
    if (waited - reported >= REPORT_EVERY) {
      reported = waited;
      onWait?.(left, waited);
    }
    await delay(pause, signal);
  }
}

/** Active disks on a differencing file although the VM has no checkpoint. */
async function unexplained(
  client: WsmanClient,
  vmId: Guid,
  signal: AbortSignal,
): Promise<string[]> {
  const checkpoints = await listCheckpoints(client, vmId, signal);
  if (checkpoints.length > 0) return [];
  const disks = await attachedDisks(client, vmId, false, signal);
  return disks.map((disk) => disk.path).filter((path) => /\.avhdx?$/i.test(path));
}

function stuck(vmId: Guid, paths: readonly string[], merging: boolean, seconds: number): Error {
  const files = paths.length === 0 ? 'the disks of the VM' : paths.join(', ');
  const advice = merging
    ? 'It goes on by itself'
    : 'See event 19100 of Hyper-V-VMMS; restarting the VM or the service vmms often helps';
  return hostError(
    'host.merge.stuck',
    `The host has not merged ${files} within ${seconds} s although no checkpoint needs it. ${advice}`,
    { data: { vm: vmId, found: paths, merging, seconds } },
  );
}

/** Whether merging is switched on for a VM; an export without storage leaves it off. */
export async function mergingEnabled(
  client: WsmanClient,
  vmId: Guid,
  signal: AbortSignal,
): Promise<boolean> {
  const row = await mergeSettings(client, vmId, signal);
  return row === undefined || row.number('EnabledState') !== 0;
}

/** Switches merging on again. The id's suffix is UNCONFIRMED, so the existing instance is read. */
export async function enableMerging(
  client: WsmanClient,
  vmId: Guid,
  signal: AbortSignal,
): Promise<void> {
  const row = await mergeSettings(client, vmId, signal);
  if (row === undefined) return;
  await callService(
    client,
    CLASS.managementService,
    'ModifyDiskMergeSettings',
    {
      SettingData: {
        embedded: {
          className: CLASS.diskMergeSettings,
          properties: [
            { name: 'InstanceID', type: 'string', value: row.requireText('InstanceID') },
            { name: 'EnabledState', type: 'uint32', value: 1 },
          ],
        },
      },
    },
    signal,
  );
}

async function mergeSettings(
  client: WsmanClient,
  vmId: Guid,
  signal: AbortSignal,
): Promise<WmiRecord | undefined> {
  const prefix = wqlString(`Microsoft:${vmId.toUpperCase()}%`);
  const wql = `SELECT * FROM ${CLASS.diskMergeSettings} WHERE InstanceID LIKE ${prefix}`;
  for await (const instance of client.query(wql, signal)) return new WmiRecord(instance);
  return undefined;
}
