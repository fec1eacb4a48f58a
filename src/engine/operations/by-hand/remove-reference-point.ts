import type { HypervBackupHost } from '../../hosts/hyperv-backup-host.ts';
import { removePointByName } from '../../hosts/by-hand/hand-made-points.ts';
import { ledgersOfVm } from '../context/ledgers-of-vm.ts';
import type { OperationContext } from '../context/operation-context.ts';
import type { NamedObject } from './named-object.ts';

/**
 * Destroys a reference point by its ID. Throws `host.referencePoint.foreign` if it is in no ledger
 * and `foreign` is not set.
 */
export async function removeReferencePoint(
  { home }: OperationContext,
  host: HypervBackupHost,
  { vm, id, stores, foreign }: NamedObject,
  signal: AbortSignal,
): Promise<{ readonly removed: string }> {
  const found = await host.findVm(vm, signal);
  const ledgers = await ledgersOfVm(stores, home, found.id, signal);
  await removePointByName(host, found, id, ledgers, foreign, signal);
  return { removed: id };
}
