import {
  markDestroyed,
  ownsReferencePoint,
  withReferencePoint,
} from '../../backup/ledger/ledger.ts';
import type { HostReferencePoint, HostVm } from '../../backup/host/host.ts';
import type { Log } from '../../base/log.ts';
import { hostError } from '../../hyperv/hyperv-errors.ts';
import { makeByHand, type Making } from './make-by-hand.ts';
import type { HypervBackupHost } from '../hyperv-backup-host.ts';
import { holdingAll, ownersOf, type KnownLedger } from './known-ledger.ts';

/**
 * Creates a reference point by hand and records it as the user's own. Destroys a point that a
 * cancelled call created anyway.
 */
export function createOwnPoint(
  host: HypervBackupHost,
  vm: HostVm,
  ledger: KnownLedger,
  consistency: 'application' | 'crash',
  log: Log,
  signal: AbortSignal,
): Promise<HostReferencePoint> {
  const making: Making<HostReferencePoint> = {
    job: 'point create',
    kind: 'referencePoint',
    details: { consistency },
    make: (call, held) => host.createReferencePoint(vm.id, consistency, held, call),
    record: withReferencePoint,
    settle: async (intent, until) => {
      if (signal.aborted) await destroyUnwanted(host, vm, ledger, intent, until);
    },
  };
  return makeByHand(host, vm, ledger, making, log, signal);
}

/**
 * Destroys the point that a cancelled call created anyway, since the caller no longer expects it.
 */
async function destroyUnwanted(
  host: HypervBackupHost,
  vm: HostVm,
  ledger: KnownLedger,
  { time, existing }: { readonly time: string; readonly existing: readonly string[] },
  signal: AbortSignal,
): Promise<void> {
  const { referencePoints } = await ledger.load(signal);
  for (const { id, created, state } of referencePoints) {
    if (created !== time || state !== 'current' || existing.includes(id)) continue;
    await host.destroyReferencePoint(vm.id, id, signal);
    const destroyed = new Date().toISOString();
    await ledger.save(markDestroyed(await ledger.load(signal), id, destroyed), signal);
  }
}

/**
 * Destroys exactly the reference point with the ID. One that is in no ledger requires `foreign`.
 */
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
  const owners = await ownersOf(ledgers, (ledger) => ownsReferencePoint(ledger, point.id), signal);
  if (owners.length === 0 && !foreign) {
    throw hostError(
      'host.referencePoint.foreign',
      `${point.id} is not in any of the ledgers: another product may need it`,
      { data: { found: point.id } },
    );
  }
  const destroy = (held: AbortSignal): Promise<void> =>
    host.destroyReferencePoint(vm.id, point.id, held);
  const record = async (ledger: KnownLedger, held: AbortSignal): Promise<void> => {
    const time = new Date().toISOString();
    await ledger.save(markDestroyed(await ledger.load(held), point.id, time), held);
  };
  await holdingAll(owners, 'point remove', destroy, record, signal);
}
