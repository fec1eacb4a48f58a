import type { VmReferencePoint } from '../../api/host.ts';
import type { HostReferencePoint } from '../../backup/host/host.ts';
import type { HypervBackupHost } from '../../hosts/hyperv-backup-host.ts';
import { createOwnPoint } from '../../hosts/by-hand/hand-made-points.ts';
import { openedStores } from '../../hosts/by-hand/known-stores.ts';
import { ledgersOfVm } from '../context/ledgers-of-vm.ts';
import type { OperationContext } from '../context/operation-context.ts';
import { showVm } from '../vm/show-vm.ts';
import type { NewObject } from './named-object.ts';

/** Time limit for showing what was made, also if whoever asked does not wait for it. */
const SHOW_MS = 60_000;

/** The document of `point create`: the host's row, which is ours by now. */
export type MadeDocument<T> = T & { readonly owner: 'ours' };

/** Makes a reference point by hand, from which changes can be asked later. */
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

/** Makes one, and returns it as `showVm` lists it. */
export async function createAndShowReferencePoint(
  context: OperationContext,
  host: HypervBackupHost,
  params: NewObject,
  signal: AbortSignal,
): Promise<VmReferencePoint> {
  const { id } = await createReferencePoint(context, host, params, signal);
  // It is made: whoever cancels now is told of it, too.
  const limit = AbortSignal.timeout(SHOW_MS);
  const stores = openedStores([]);
  const shown = await showVm(context, host, { vm: params.vm, stores }, limit);
  const row = shown.referencePoints.find((point) => point.id === id);
  if (row === undefined) throw new Error(`the new reference point ${id} is not listed`);
  return row;
}
