import type { HostReferencePoint } from '../../backup/host/host.ts';
import type { HypervBackupHost } from '../../hosts/hyperv-backup-host.ts';
import { convertCheckpointByName } from '../../hosts/by-hand/hand-made-checkpoints.ts';
import { ledgersOfVm } from '../context/ledgers-of-vm.ts';
import type { OperationContext } from '../context/operation-context.ts';
import type { MadeDocument } from './create-reference-point.ts';
import type { NamedObject } from './named-object.ts';

/**
 * Converts a backup checkpoint to a reference point. Throws `host.checkpoint.foreign`,
 * `host.checkpoint.notFound`.
 */
export async function convertCheckpoint(
  { home, log }: OperationContext,
  host: HypervBackupHost,
  { vm, id, stores, foreign }: NamedObject,
  signal: AbortSignal,
): Promise<MadeDocument<HostReferencePoint>> {
  const found = await host.findVm(vm, signal);
  const ledgers = await ledgersOfVm(stores, home, found.id, signal);
  const point = await convertCheckpointByName(host, found, id, ledgers, foreign, log, signal);
  return { ...point, owner: 'ours' };
}
