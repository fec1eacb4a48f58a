import type { Guid } from '../../base/guid.ts';
import type { HostCheckpoint } from '../host/host.ts';
import { sameId } from '../ledger/ledger.ts';
import type { RunDeps } from '../context/run-context.ts';

/**
 * Destroys the checkpoint that this run made, which it knows by its id, without ledger and store: so a store that disappears
 * leaves no checkpoint on the VM. Everything else waits for a run that holds the lease. Never throws.
 * @param checkpoint undefined if the run made none, or converted it.
 */
export async function destroyOwn(
  { host, log }: Pick<RunDeps, 'host' | 'log'>,
  vmId: Guid,
  checkpoint: HostCheckpoint | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (checkpoint === undefined) return;
  const { id } = checkpoint;
  try {
    const listed = await host.listCheckpoints(vmId, signal);
    if (!listed.some((each) => sameId(each.id, id))) return;
    await host.destroyCheckpoint(id, signal);
  } catch (error) {
    const message = `The checkpoint ${id} of this run could not be destroyed now: ${(error as Error).message}`;
    log({ level: 'warn', area: 'backup', message });
  }
}
