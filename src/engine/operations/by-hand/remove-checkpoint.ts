import type { HypervBackupHost } from '../../hosts/hyperv-backup-host.ts';
import { removeCheckpointByName } from '../../hosts/by-hand/hand-made-checkpoints.ts';
import { ledgersOfVm } from '../context/ledgers-of-vm.ts';
import type { OperationContext } from '../context/operation-context.ts';
import type { NamedObject } from './named-object.ts';

/**
 * Destroys a checkpoint by its ID. Throws `host.checkpoint.foreign`, `host.checkpoint.notFound`.
 */
export async function removeCheckpoint(
  { home }: OperationContext,
  host: HypervBackupHost,
  { vm, id, stores, foreign }: NamedObject,
  signal: AbortSignal,
): Promise<{ readonly removed: string }> {
  const found = await host.findVm(vm, signal);
  const ledgers = await ledgersOfVm(stores, home, found.id, signal);
  const removed = await removeCheckpointByName(host, found, id, ledgers, foreign, signal);
  return { removed: removed.id };
}
