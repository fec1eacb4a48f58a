import { backupError } from '../errors/backup-errors.ts';
import type { RemoteFiles } from '../host/host-files.ts';
import type { HostDisk, HostVm } from '../host/host.ts';
import type { MethodCheck } from '../read/contract/method.ts';

/** Disks that the chosen method reads; shared ones are read by `rsvd`, whatever the method. */
export const ownDisks = (disks: readonly HostDisk[]): readonly HostDisk[] =>
  disks.filter(({ format }) => format !== 'vhds');

/** Returns the checks of the methods for a VM or a group: an export has the disks of one VM. */
export function forSubject(
  { members }: Pick<HostVm, 'members'>,
  checks: readonly MethodCheck[],
): readonly MethodCheck[] {
  if (members === undefined) return checks;
  return checks.map((check) => {
    if (check.method !== 'export') return check;
    const text = 'Hyper-V exports the disks of one VM, not of a group';
    const problem = backupError('plan.method', text, { data: { found: 'export' } });
    return { ...check, problem };
  });
}

/** Opens each shared disk once. Throws what prevents it: `path.*`, `smb.*`, `rsvd.*`. */
export async function requireShared(
  disks: readonly HostDisk[],
  { shared }: Pick<RemoteFiles, 'shared'>,
  signal: AbortSignal,
): Promise<void> {
  for (const { path } of disks.filter(({ format }) => format === 'vhds'))
    await (await shared.open(path, signal)).close();
}
