import type { HostCheckpoint, HostReferencePoint, HostVm } from '../../backup/host.ts';
import { CallInLedger } from '../../backup/ledger/call-in-ledger.ts';
import {
  ownsCheckpoint,
  withCheckpoint,
  withoutCheckpoint,
  withReferencePoint,
} from '../../backup/ledger.ts';
import { LedgerKeeper, newIntent } from '../../backup/run-context.ts';
import type { Log } from '../../base/log.ts';
import { hostError } from '../../hyperv/hyperv-errors.ts';
import type { HypervBackupHost } from '../hyperv-backup-host.ts';
import { holdingAll, ownersOf, type KnownLedger } from '../known-ledger.ts';
import { settleOwn } from './settle-own.ts';

/** Makes a backup checkpoint by hand, which stays until it is removed or converted by hand. */
export function createOwnCheckpoint(
  host: HypervBackupHost,
  vm: HostVm,
  ledger: KnownLedger,
  consistency: 'application' | 'crash',
  log: Log,
  signal: AbortSignal,
): Promise<HostCheckpoint> {
  return ledger.change(
    'checkpoint create',
    (held) => create(host, vm, ledger, consistency, log, held),
    signal,
  );
}

async function create(
  host: HypervBackupHost,
  vm: HostVm,
  ledger: KnownLedger,
  consistency: 'application' | 'crash',
  log: Log,
  signal: AbortSignal,
): Promise<HostCheckpoint> {
  const keeper = await LedgerKeeper.load(ledger, signal);
  const computerName = await host.computerName(signal);
  const existing = (await host.listCheckpoints(vm.id, signal)).map((each) => each.id);
  const intent = newIntent(
    { host, now: Date.now },
    { kind: 'checkpoint', pointId: null, existing, computerName, consistency },
  );
  const call = await CallInLedger.begin(keeper, intent, Date.now, signal);
  try {
    const request = { consistency, guestBackup: 'copy' } as const;
    const made = await host.createBackupCheckpoint(vm.id, request, signal, call);
    signal.throwIfAborted();
    const own = { id: made.id, host: host.url, computerName, created: intent.time };
    const kept = { ...own, pointId: null, kept: true };
    await keeper.update((now) => withCheckpoint(now, kept, intent.id), signal);
    return made;
  } catch (error) {
    await settleOwn(host, vm.id, ledger, call, error, log);
    throw error;
  }
}

/**
 * Turns a backup checkpoint into a reference point, which belongs to the user. One that is in none of the ledgers only with
 * `foreign`, since its owner loses it: the last of `ledgers`, the user's own, has the new point then.
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
      `${checkpoint.id} is a user checkpoint; only a backup checkpoint becomes a reference point`,
      { data: { found: checkpoint.type, expected: 'backup' } },
    );
  }
  const owners = await ownersOf(ledgers, (ledger) => ownsCheckpoint(ledger, checkpoint.id), signal);
  if (owners.length === 0 && !foreign) throw notOurs(checkpoint.id);
  const ledger = owners[0] ?? ledgers.at(-1);
  if (ledger === undefined) throw notOurs(checkpoint.id);
  return ledger.change(
    'checkpoint convert',
    (held) => convert(host, vm, checkpoint.id, ledger, log, held),
    signal,
  );
}

async function convert(
  host: HypervBackupHost,
  vm: HostVm,
  checkpointId: string,
  ledger: KnownLedger,
  log: Log,
  signal: AbortSignal,
): Promise<HostReferencePoint> {
  const keeper = await LedgerKeeper.load(ledger, signal);
  const computerName = await host.computerName(signal);
  const existing = (await host.listReferencePoints(vm.id, signal)).map((each) => each.id);
  const disks = vm.disks
    .filter(({ format }) => format !== 'physical')
    .map(({ locationId }) => locationId);
  const intent = newIntent(
    { host, now: Date.now },
    { kind: 'referencePoint', pointId: null, existing, computerName, checkpointId, disks },
  );
  const call = await CallInLedger.begin(keeper, intent, Date.now, signal);
  try {
    const point = await host.convertToReferencePoint(vm.id, checkpointId, signal, call);
    const own = { id: point.id, host: host.url, computerName, created: intent.time, pointId: null };
    await keeper.update((now) => withReferencePoint(now, own, intent.id), signal);
    return point;
  } catch (error) {
    await settleOwn(host, vm.id, ledger, call, error, log);
    throw error;
  }
}

/**
 * Destroys exactly the checkpoint that is named by its id; one that is in none of the ledgers, and a user checkpoint, only with
 * `foreign`. Returns once the host no longer lists it. Throws `host.checkpoint.notFound`, `host.checkpoint.foreign`,
 * `host.notRemoved`, `lease.held` if a run is at work with it.
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

/** By its whole id, or by the GUID in it, in any case and with or without braces. */
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
    `${id} is in no ledger that was named: another product may be reading it`,
    { data: { found: id } },
  );
}

const guidOf = (id: string): string =>
  id
    .replace(/^microsoft:/i, '')
    .replace(/[{}]/g, '')
    .toLowerCase();

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
