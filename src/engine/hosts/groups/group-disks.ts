import type { ActiveDisk, HostDisk, VmIdentity } from '../../backup/host/host.ts';
import { SHARED_SLOT } from '../../backup/host/shared-disks.ts';

/** The disks of one member of a group, live or frozen. */
export interface MemberDisks {
  readonly member: VmIdentity;
  readonly disks: readonly HostDisk[];
}

/** Whether several VMs may have a disk. */
export const isShared = ({ shared, format }: HostDisk): boolean => shared || format === 'vhds';

/**
 * Returns the disks of a group: private ones with the slot `<vm>/<slot>`, and each shared disk once, at
 * `shared/<disk id>`, with all of its holders.
 */
export function disksOfGroup(members: readonly MemberDisks[]): HostDisk[] {
  const own = members.flatMap(({ member, disks }) =>
    disks
      .filter((disk) => !isShared(disk))
      .map((disk) => ({ ...disk, slot: memberSlot(member, disk.slot), holders: [member] })),
  );
  const shared = new Map<string, HostDisk & { readonly holders: VmIdentity[] }>();
  for (const { member, disks } of members) {
    for (const disk of disks.filter(isShared)) {
      const known = shared.get(disk.path.toLowerCase());
      if (known !== undefined) known.holders.push(member);
      else {
        const slot = `${SHARED_SLOT}${disk.virtualDiskId ?? disk.path.split(/[\\/]/).at(-1) ?? ''}`;
        const locationId = sharedLocation(disk.path);
        shared.set(disk.path.toLowerCase(), { ...disk, slot, locationId, holders: [member] });
      }
    }
  }
  return [...own, ...shared.values()];
}

const memberSlot = ({ id }: VmIdentity, slot: string): string => `${id}/${slot}`;

/** The location of a shared disk is its file: each holder has it at another one. */
export const sharedLocation = (path: string): string => `shared:${path}`;

/** Returns the active files of a member with the slots of the group. */
export const activeOf = (
  member: VmIdentity,
  active: readonly ActiveDisk[],
): readonly ActiveDisk[] =>
  active.map(({ slot, path }) => ({ slot: memberSlot(member, slot), path }));
