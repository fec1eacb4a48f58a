import type { HostCheckpoint } from '../../backup/host/host.ts';
import type { HypervBackupHost } from '../../hosts/hyperv-backup-host.ts';
import { createOwnCheckpoint } from '../../hosts/by-hand/hand-made-checkpoints.ts';
import { ledgersOfVm } from '../context/ledgers-of-vm.ts';
import type { OperationContext } from '../context/operation-context.ts';
import type { MadeDocument } from './create-reference-point.ts';
import type { NewObject } from './named-object.ts';

/** Creates a backup checkpoint by hand, which stays until it is removed or converted. */
export async function createCheckpoint(
  { home, log }: OperationContext,
  host: HypervBackupHost,
  { vm, consistency, stores }: NewObject,
  signal: AbortSignal,
): Promise<MadeDocument<HostCheckpoint>> {
  const found = await host.findVm(vm, signal);
  const [ledger] = await ledgersOfVm(stores, home, found.id, signal);
  if (ledger === undefined) throw new Error('the user has a ledger');
  const made = await createOwnCheckpoint(host, found, ledger, consistency, log, signal);
  return { ...made, owner: 'ours' };
}
