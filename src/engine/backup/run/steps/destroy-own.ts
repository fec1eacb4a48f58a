import type { Guid } from '../../../base/guid.ts';
import type { BackupHost } from '../../host/host.ts';
import { sameId } from '../../ledger/ledger.ts';

/**
 * Destroys the checkpoint that this run created, by its ID, without ledger and store. It is
 * therefore removed even if the store disappears. Succeeds if it no longer exists. Throws `host.*`.
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
