import type { Guid } from '../../../base/guid.ts';
import type { BackupHost } from '../../host/host.ts';
import { sameId } from '../../ledger/ledger.ts';

/**
 * Destroys the checkpoint that this run made, which it knows by its id, without ledger and store: so a store that disappears
 * leaves no checkpoint on the VM. One that is gone already is no error. Throws `host.*`.
 */
export async function destroyOwn(
  host: BackupHost,
  vmId: Guid,
  checkpointId: string,
  signal: AbortSignal,
): Promise<void> {
  const listed = await host.listCheckpoints(vmId, signal);
  if (!listed.some(({ id }) => sameId(id, checkpointId))) return;
  await host.destroyCheckpoint(checkpointId, signal);
}
