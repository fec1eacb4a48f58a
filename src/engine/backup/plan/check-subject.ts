import { backupError } from '../errors/backup-errors.ts';
import type { RemoteFiles } from '../host/host-files.ts';
import type { HostDisk, HostVm } from '../host/host.ts';
import type { MethodCheck } from '../read/contract/method.ts';

/** Disks that the chosen method reads; shared ones are read by `rsvd`, whatever the method. */
export const ownDisks = (disks: readonly HostDisk[]): readonly HostDisk[] =>
  disks.filter(({ format }) => format !== 'vhds');

/**
 * Returns the checks of the methods for a VM or a group. A group is not exported: WMI has a method for collections
 * (hyperv-wmi 2.5), but which files it writes, and whether shared disks are among them, is documented nowhere.
 */
export function forSubject(
  { members }: Pick<HostVm, 'members'>,
  checks: readonly MethodCheck[],
): readonly MethodCheck[] {
  if (members === undefined) return checks;
  return checks.map((check) => {
    if (check.method !== 'export') return check;
    const text =
      'A group is not exported: Hyper-V documents the files of an export for one VM only. The method smb, file or virtdisk reads the disks of its members; shared disks are always read by rsvd';
    const problem = backupError('plan.method', text, { data: { found: 'export', group: true } });
    return { ...check, problem };
  });
}

/** Returns the error of an export of a group. @param members names of its VMs, if they are known */
export function groupNotExported(name: string, members: readonly string[]): Error {
  const instead =
    members.length === 0 ? '' : `, or export its VMs one by one: ${members.join(', ')}`;
  const text = `“${name}” is a group of VMs: Hyper-V documents the files of an export for one VM only. Back the group up${instead}`;
  return backupError('export.group', text, { data: { found: name, members } });
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
