import type { Guid } from '../../../base/guid.ts';
import type { BackupHost } from '../../host/host.ts';
import type { HostFiles } from '../../host/host-files.ts';
import type { OwnWriterRestore } from '../../ledger/own-writers.ts';
import { placedNow, removeReplaced, removeStaging } from './writer-files.ts';

/** Outcome of a restore with the Hyper-V writer that was interrupted. */
export type WriterOutcome =
  /** The VM was not deleted; the written files are removed. */
  | 'removed'
  /** The VM is registered from the restored files; what they replaced is removed. */
  | 'finished'
  /** The VM is deleted and not registered: every file stays. */
  | 'deleted'
  /** The writer may still be deleting the VM. */
  | 'running'
  /** The VM is there, but only some of its files are the restored ones. */
  | 'unclear'
  /** This machine does not reach the files. */
  | 'unreachable';

interface Deps {
  readonly host: Pick<BackupHost, 'systems'>;
  readonly vmId: Guid;
  readonly files: HostFiles;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Age in milliseconds below which the writer may still be deleting a VM after its requestor has ended. */
const YOUNG_MS = 60_000;

/**
 * Finishes or removes what an interrupted restore with the Hyper-V writer left. Of a VM that is deleted
 * no file is touched.
 * @param write whether something may be changed; otherwise the outcome is only found out
 */
export async function recoverWriter(
  { host, vmId, files, now }: Deps,
  own: OwnWriterRestore,
  write: boolean,
  signal: AbortSignal,
): Promise<WriterOutcome> {
  for (const each of [...own.disks, ...own.config]) {
    if (!(await files.reaches(each, signal))) return 'unreachable';
  }
  const outcome = await outcomeOf({ host, vmId, files, now }, own, signal);
  if (!write || (outcome !== 'removed' && outcome !== 'finished')) return outcome;
  if (outcome === 'finished') await removeReplaced(own, files, signal);
  await removeStaging(own, files, signal);
  return outcome;
}

async function outcomeOf(
  { host, vmId, files, now }: Deps,
  own: OwnWriterRestore,
  signal: AbortSignal,
): Promise<WriterOutcome> {
  if (own.phase === 'staging') return 'removed';
  if (own.phase === 'registered') return 'finished';
  const placed = await placedNow(own, files, signal);
  const isGone = (await host.systems.systemState(vmId, signal)).state === 'gone';
  if (isGone) return placed === 'none' ? 'removed' : 'deleted';
  if (placed === 'mixed') return 'unclear';
  if (placed !== 'staged') return 'finished';
  const age = now() - Date.parse(own.asked ?? own.time);
  return age >= 0 && age < YOUNG_MS ? 'running' : 'removed';
}
