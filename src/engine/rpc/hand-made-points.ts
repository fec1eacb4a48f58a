import { randomUUID } from 'node:crypto';
import { cleanOwn } from '../backup/clean.ts';
import {
  markDestroyed,
  ownsReferencePoint,
  withIntent,
  withReferencePoint,
  type Intent,
} from '../backup/ledger.ts';
import type { HostReferencePoint, HostVm } from '../backup/host.ts';
import type { LedgerFile } from '../backup/ledger-file.ts';
import { hostError } from '../hyperv/hyperv-errors.ts';
import { createReferencePoint, listReferencePoints } from '../hyperv/reference-points.ts';
import type { Log } from '../base/log.ts';
import type { HypervBackupHost } from './hyperv-backup-host.ts';
import type { KnownLedger } from './known-ledger.ts';

/** How long finding out what a call that failed has made may take. */
const SETTLE_MS = 30_000;

/** Makes a reference point by hand and records it as the user's own: intent first, then what came of it. */
export function createOwnPoint(
  host: HypervBackupHost,
  vm: HostVm,
  ledger: KnownLedger,
  consistency: 'application' | 'crash',
  log: Log,
  signal: AbortSignal,
): Promise<HostReferencePoint> {
  return ledger.change((held) => create(host, vm, ledger.file, consistency, log, held), signal);
}

async function create(
  host: HypervBackupHost,
  vm: HostVm,
  ledger: LedgerFile,
  consistency: 'application' | 'crash',
  log: Log,
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
  try {
    const {
      id,
      type,
      consistency: level,
      disks,
    } = await createReferencePoint(host.client, vm.id, consistency, signal);
    signal.throwIfAborted();
    const own = { id, host: host.url, created: time, pointId: null };
    await ledger.save(withReferencePoint(await ledger.load(signal), own, intent.id), signal);
    return { id, type, consistency: level, disks };
  } catch (error) {
    // A point that the host made all the same becomes known as ours; what cannot be asked now, `clean` finds.
    const until = AbortSignal.timeout(SETTLE_MS);
    try {
      await cleanOwn(host, vm.id, ledger, { pathMap: [], dryRun: false }, until);
      if (signal.aborted) await destroyUnwanted(host, ledger, intent, until);
    } catch (reason) {
      const message = `What was begun could not be taken back now: ${(reason as Error).message}`;
      log({ level: 'warn', area: 'host', message });
    }
    throw error;
  }
}

/** The point that a cancelled call made all the same: nobody waits for it. */
async function destroyUnwanted(
  host: HypervBackupHost,
  ledger: LedgerFile,
  { time, existing }: Intent,
  signal: AbortSignal,
): Promise<void> {
  const { referencePoints } = await ledger.load(signal);
  for (const { id, created, state } of referencePoints) {
    if (created !== time || state !== 'current' || existing.includes(id)) continue;
    await host.destroyReferencePoint(id, signal);
    const destroyed = new Date().toISOString();
    await ledger.save(markDestroyed(await ledger.load(signal), id, destroyed), signal);
  }
}

/** Destroys exactly the one that is named; one that is in none of the ledgers only with `foreign`. */
export async function removePointByName(
  host: HypervBackupHost,
  vm: HostVm,
  id: string,
  ledgers: readonly KnownLedger[],
  foreign: boolean,
  signal: AbortSignal,
): Promise<void> {
  const point = vm.referencePoints.find((each) => each.id.toLowerCase() === id.toLowerCase());
  if (point === undefined) {
    throw hostError('host.referencePoint.notFound', `${vm.name} has no reference point ${id}`, {
      data: { found: id, expected: vm.referencePoints.map((each) => each.id) },
    });
  }
  const owners: KnownLedger[] = [];
  for (const ledger of ledgers) {
    if (ownsReferencePoint(await ledger.file.load(signal), point.id)) owners.push(ledger);
  }
  if (owners.length === 0 && !foreign) {
    throw hostError(
      'host.referencePoint.foreign',
      `${point.id} is in no ledger that was named: another product may need it. Add --store DIR of the store that made it, or --foreign to remove it all the same`,
      { data: { found: point.id } },
    );
  }
  await destroy(host, point.id, owners, signal);
}

/** Destroys it while every ledger that has it is held, and notes it in each. */
async function destroy(
  host: HypervBackupHost,
  id: string,
  owners: readonly KnownLedger[],
  signal: AbortSignal,
): Promise<void> {
  const [first, ...rest] = owners;
  if (first === undefined) return host.destroyReferencePoint(id, signal);
  await first.change(async (held) => {
    await destroy(host, id, rest, held);
    const time = new Date().toISOString();
    await first.file.save(markDestroyed(await first.file.load(held), id, time), held);
  }, signal);
}
