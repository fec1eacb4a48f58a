import type { Warning } from '../../api/backup.ts';
import { isEngineError } from '../../base/errors.ts';
import { backupError } from '../errors/backup-errors.ts';
import type { BackupHost, HostVm, VmIdentity } from '../host/host.ts';
import { VSS_METHOD } from '../ledger/points-of-host.ts';
import type { CompletePoint, PointEntry } from '../points/catalog.ts';
import { sameId } from '../ledger/ledger.ts';

/**
 * Compares the members of a group with what the host reports and with the newest point, and returns what changed, for the
 * plan and the report. Returns nothing for a VM. Throws `plan.members` if a VM outside of the group has one of its
 * VHD Sets, which Hyper-V then does not freeze (hyperv-wmi 2.5), or if a VM of the newest point is missing: as points expire,
 * the last copy of its disks would go, so that only a person decides it; `host.rights`, `host.vmms`.
 * @param without names or IDs of VMs that may be missing
 */
export async function checkMembers(
  host: Pick<BackupHost, 'lostVm'>,
  vm: HostVm,
  points: readonly PointEntry[],
  without: readonly string[],
  signal: AbortSignal,
): Promise<readonly Warning[]> {
  const { members, name } = vm;
  if (members === undefined) return [];
  requireComplete(vm);
  const last = newestPoint(points);
  const before = last?.manifest.group?.members;
  if (last === undefined || before === undefined) return [];
  const has = (list: readonly { readonly id: string }[], id: string): boolean =>
    list.some((each) => sameId(each.id, id));
  const gone = before.filter(({ id }) => !has(members, id));
  const refused = gone.filter(
    (each) => !without.some((text) => text === each.name || sameId(text, each.id)),
  );
  if (refused.length > 0) throw await missing(host, name, refused, last, signal);
  return [
    ...members
      .filter(({ id }) => !has(before, id))
      .map((each) =>
        said(`“${each.name}” is a member since ${last.id}: its disks are read in full.`),
      ),
    ...gone.map((each) =>
      said(
        `“${each.name}” was a member at ${last.id}: this point is made without it, as was asked for.`,
      ),
    ),
  ];
}

const said = (message: string): Warning => ({ code: 'group.members', message });

/** Returns the newest complete point, whatever host it is from: it tells who was a member. */
const newestPoint = (points: readonly PointEntry[]): CompletePoint | undefined =>
  points.findLast(
    (point): point is CompletePoint =>
      point.state === 'complete' && point.manifest.method !== VSS_METHOD,
  );

/** Throws if a VM that is not a member has a VHD Set of the group. */
function requireComplete({ name, id, outsiders = [] }: HostVm): void {
  const [first] = outsiders;
  if (first === undefined) return;
  const vms = [...new Map(outsiders.map(({ vm }) => [vm.id, vm])).values()];
  throw backupError(
    'plan.members',
    `${namesOf(vms)} ${vms.length === 1 ? 'has' : 'have'} a shared disk of the group “${name}” (${first.path}) and ${vms.length === 1 ? 'is not a member' : 'are not members'}; Hyper-V freezes the VMs that share a disk only together. Add what is missing to the group, or detach the disk there`,
    { data: { group: id, outside: vms.map((vm) => vm.id), path: first.path } },
  );
}

/** Returns the error for VMs of the last point that the group does not have now, with what the host says about each. */
async function missing(
  host: Pick<BackupHost, 'lostVm'>,
  group: string,
  vms: readonly VmIdentity[],
  { id: point }: CompletePoint,
  signal: AbortSignal,
): Promise<Error> {
  const words: string[] = [];
  for (const { id, name } of vms) {
    const lost = await host.lostVm(id, new Error(`“${name}” is missing`), signal);
    if (isEngineError(lost, 'host.rights', 'host.vmms')) return lost;
    words.push(`“${name}” ${whereWords(lost)}`);
  }
  const data = { group, point, gone: vms.map(({ id }) => id), names: vms.map(({ name }) => name) };
  const it = vms.length === 1 ? 'it' : 'them';
  return backupError(
    'plan.members',
    `The group “${group}” lacks VMs that its point ${point} has: ${words.join('; ')}. Make ${it} a member again, or go on without ${it}: earlier points keep the disks until they expire`,
    { data },
  );
}

function whereWords(lost: Error | undefined): string {
  if (lost === undefined) return 'is on the host, but not a member now';
  const node = isEngineError(lost, 'host.vm.moved') ? lost.data['node'] : undefined;
  return typeof node === 'string' ? `is on ${node} now` : 'is not on the host: moved or deleted';
}

const namesOf = (vms: readonly VmIdentity[]): string =>
  vms.map(({ name }) => `“${name}”`).join(', ');
