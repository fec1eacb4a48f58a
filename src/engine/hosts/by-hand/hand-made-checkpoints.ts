import type { HostCheckpoint, HostReferencePoint, HostVm } from '../../backup/host/host.ts';
import {
  ownsCheckpoint,
  withCheckpoint,
  withoutCheckpoint,
  withReferencePoint,
} from '../../backup/ledger/ledger.ts';
import type { Log } from '../../base/log.ts';
import { hostError } from '../../hyperv/hyperv-errors.ts';
import type { HypervBackupHost } from '../hyperv-backup-host.ts';
import { holdingAll, ownersOf, type KnownLedger } from './known-ledger.ts';
import { makeByHand, type Making } from './make-by-hand.ts';

/** Creates a backup checkpoint by hand, which stays until it is removed or converted by hand. */
export function createOwnCheckpoint(
  host: HypervBackupHost,
  vm: HostVm,
  ledger: KnownLedger,
  consistency: 'application' | 'crash',
  log: Log,
  signal: AbortSignal,
): Promise<HostCheckpoint> {
  const request = { consistency, guestBackup: 'copy' } as const;
  const making: Making<HostCheckpoint> = {
    job: 'checkpoint create',
    kind: 'checkpoint',
    details: { consistency },
    make: (call, held) => host.createBackupCheckpoint(vm.id, request, held, call),
    record: (known, own, intentId) => withCheckpoint(known, { ...own, kept: true }, intentId),
  };
  return makeByHand(host, vm, ledger, making, log, signal);
}

/**
 * Converts a backup checkpoint to a reference point that the user owns. A checkpoint in no ledger
 * requires `foreign`, since its owner loses it; the new point is then recorded in the last of
 * `ledgers`, the user's own.
 */
export async function convertCheckpointByName(
  host: HypervBackupHost,
  vm: HostVm,
  id: string,
  ledgers: readonly KnownLedger[],
  foreign: boolean,
  log: Log,
  signal: AbortSignal,
): Promise<HostReferencePoint> {
  const checkpoint = findCheckpoint(vm, id);
  if (checkpoint.type !== 'backup') {
    throw hostError(
      'host.checkpoint.type',
      `${checkpoint.id} is a user checkpoint; only a backup checkpoint can become a reference point`,
      { data: { found: checkpoint.type, expected: 'backup' } },
    );
  }
  const owners = await ownersOf(ledgers, (ledger) => ownsCheckpoint(ledger, checkpoint.id), signal);
  if (owners.length === 0 && !foreign) throw notOurs(checkpoint.id);
  const ledger = owners[0] ?? ledgers.at(-1);
  if (ledger === undefined) throw notOurs(checkpoint.id);
  const checkpointId = checkpoint.id;
  const disks = vm.disks
    .filter(({ format }) => format !== 'physical')
    .map(({ locationId }) => locationId);
  const making: Making<HostReferencePoint> = {
    job: 'checkpoint convert',
    kind: 'referencePoint',
    details: { checkpointId, disks },
    make: (call, held) => host.convertToReferencePoint(vm.id, checkpointId, held, call),
    record: withReferencePoint,
  };
  return makeByHand(host, vm, ledger, making, log, signal);
}

/**
 * Destroys exactly the checkpoint with the ID. A user checkpoint, and one that is in no ledger,
 * requires `foreign`. Returns once the host no longer lists it. Throws `host.checkpoint.notFound`,
 * `host.checkpoint.foreign`, `host.notRemoved`, and `lease.held` if a run is using it.
 */
export async function removeCheckpointByName(
  host: HypervBackupHost,
  vm: HostVm,
  id: string,
  ledgers: readonly KnownLedger[],
  foreign: boolean,
  signal: AbortSignal,
): Promise<HostCheckpoint> {
  const checkpoint = findCheckpoint(vm, id);
  const owners = await ownersOf(ledgers, (ledger) => ownsCheckpoint(ledger, checkpoint.id), signal);
  if (owners.length === 0 && !foreign) throw notOurs(checkpoint.id);
  const destroy = (held: AbortSignal): Promise<void> => host.destroyCheckpoint(checkpoint.id, held);
  const record = async (ledger: KnownLedger, held: AbortSignal): Promise<void> => {
    const now = await ledger.load(held);
    const known = now.checkpoints.filter((each) => same(each.id, checkpoint.id));
    await ledger.save(
      known.reduce((next, each) => withoutCheckpoint(next, each.id), now),
      held,
    );
  };
  await holdingAll(owners, 'checkpoint remove', destroy, record, signal);
  return checkpoint;
}

/**
 * Finds a checkpoint by its whole ID, or by the GUID in it, in any case and with or without braces.
 */
export function findCheckpoint(vm: HostVm, id: string): HostCheckpoint {
  const found = vm.checkpoints.find((each) => guidOf(each.id) === guidOf(id));
  if (found !== undefined) return found;
  const ids = vm.checkpoints.map((each) => each.id);
  throw hostError('host.checkpoint.notFound', `${vm.name} has no checkpoint ${id}`, {
    data: { found: id, expected: ids },
  });
}

function notOurs(id: string): Error {
  return hostError(
    'host.checkpoint.foreign',
    `${id} is not in any of the ledgers: another product may be reading it`,
    { data: { found: id } },
  );
}

const guidOf = (id: string): string =>
  id
    .replace(/^microsoft:/i, '')
    .replace(/[{}]/g, '')
    .toLowerCase();

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
