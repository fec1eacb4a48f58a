import { randomUUID } from 'node:crypto';
import type { LedgerFile } from '../backup/ledger-file.ts';
import {
  markDestroyed,
  ownsReferencePoint,
  withIntent,
  withReferencePoint,
  type Intent,
} from '../backup/ledger.ts';
import type { HostReferencePoint, HostVm } from '../backup/host.ts';
import { hostError } from '../hyperv/hyperv-errors.ts';
import { createReferencePoint, listReferencePoints } from '../hyperv/reference-points.ts';
import type { HypervBackupHost } from './hyperv-backup-host.ts';

/** Makes a reference point by hand and records it as the user's own: intent first, then what came of it. */
export async function createOwnPoint(
  host: HypervBackupHost,
  vm: HostVm,
  ledger: LedgerFile,
  consistency: 'application' | 'crash',
  signal: AbortSignal,
): Promise<HostReferencePoint> {
  const time = new Date().toISOString();
  const existing = (await listReferencePoints(host.client, vm.id, signal)).map((each) => each.id);
  const intent: Intent = {
    id: randomUUID(),
    kind: 'referencePoint',
    time,
    host: host.url,
    pointId: null,
    existing,
    consistency,
    checkpointId: null,
    directory: null,
  };
  await ledger.save(withIntent(await ledger.load(signal), intent), signal);
  const {
    id,
    type,
    consistency: level,
    disks,
  } = await createReferencePoint(host.client, vm.id, consistency, signal);
  const own = { id, host: host.url, created: time, pointId: null };
  await ledger.save(withReferencePoint(await ledger.load(signal), own, intent.id), signal);
  return { id, type, consistency: level, disks };
}

/** Destroys exactly the one that is named; one that is in none of the ledgers only with `foreign`. */
export async function removePointByName(
  host: HypervBackupHost,
  vm: HostVm,
  id: string,
  ledgers: readonly LedgerFile[],
  foreign: boolean,
  signal: AbortSignal,
): Promise<void> {
  const point = vm.referencePoints.find((each) => each.id.toLowerCase() === id.toLowerCase());
  if (point === undefined) {
    throw hostError('host.referencePoint.notFound', `${vm.name} has no reference point ${id}`, {
      data: { found: id, expected: vm.referencePoints.map((each) => each.id) },
    });
  }
  const owners: LedgerFile[] = [];
  for (const file of ledgers) {
    if (ownsReferencePoint(await file.load(signal), point.id)) owners.push(file);
  }
  if (owners.length === 0 && !foreign) {
    throw hostError(
      'host.referencePoint.foreign',
      `${point.id} is in no ledger that was named: another product may need it. Add --store DIR of the store that made it, or --foreign to remove it all the same`,
      { data: { found: point.id } },
    );
  }
  await host.destroyReferencePoint(point.id, signal);
  const time = new Date().toISOString();
  for (const file of owners)
    await file.save(markDestroyed(await file.load(signal), point.id, time), signal);
}
