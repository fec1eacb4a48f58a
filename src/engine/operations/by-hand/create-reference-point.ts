import type { VmReferencePoint } from '../../api/host.ts';
import type { HostReferencePoint } from '../../backup/host/host.ts';
import type { HypervBackupHost } from '../../hosts/hyperv-backup-host.ts';
import { createOwnPoint } from '../../hosts/by-hand/hand-made-points.ts';
import { openedStores } from '../../hosts/by-hand/known-stores.ts';
import { ledgersOfVm } from '../context/ledgers-of-vm.ts';
import type { OperationContext } from '../context/operation-context.ts';
import { showVm } from '../vm/show-vm.ts';
import type { NewObject } from './named-object.ts';

/** Time limit for reading the new object from the host, which continues if the caller cancels. */
const SHOW_MS = 60_000;

/** The document of `point create`: the host's row, with ourselves as the owner. */
export type MadeDocument<T> = T & { readonly owner: 'ours' };

/** Creates a reference point by hand, as a start for later change queries. */
export async function createReferencePoint(
  context: OperationContext,
  host: HypervBackupHost,
  { vm, consistency, stores }: NewObject,
  signal: AbortSignal,
): Promise<MadeDocument<HostReferencePoint>> {
  const found = await host.findVm(vm, signal);
  const ledgers = await ledgersOfVm(stores, context.home, found.id, signal);
  const [ledger] = ledgers;
  if (ledger === undefined) throw new Error('the user has a ledger');
  const made = await createOwnPoint(host, found, ledger, consistency, context.log, signal);
  return { ...made, owner: 'ours' };
}

/** Creates a reference point and returns it as `showVm` lists it. */
export async function createAndShowReferencePoint(
  context: OperationContext,
  host: HypervBackupHost,
  params: NewObject,
  signal: AbortSignal,
): Promise<VmReferencePoint> {
  const { id } = await createReferencePoint(context, host, params, signal);
  // The object exists now, so the result is returned even if the caller cancels.
  const limit = AbortSignal.timeout(SHOW_MS);
  const stores = openedStores([]);
  const shown = await showVm(context, host, { vm: params.vm, stores }, limit);
  const row = shown.referencePoints.find((point) => point.id === id);
  if (row === undefined) throw new Error(`the new reference point ${id} is not listed`);
  return row;
}
