import type { CimReference, CimValue } from '../../../cim/model.ts';
import { groupsOf, membersOf } from '../../groups/groups.ts';
import type { Lab } from '../../model/lab.ts';
import { deviceReferences } from '../hardware/device-rows.ts';
import { guestServiceReference } from './guest-services.ts';
import { referencePointReference, settingsReference, vmReference } from '../shared/ids.ts';
import { groupPointReference, groupReference, groupSnapshotReference } from './group-ids.ts';

type Links = (lab: Lab) => Iterable<Readonly<Record<string, CimValue>>>;

const memberOf = (
  Collection: CimReference,
  Member: CimReference,
): Readonly<Record<string, CimValue>> => ({ Collection, Member });

/** Associations of collections. */
export const GROUP_LINKS: Readonly<Record<string, Links>> = {
  *Msvm_CollectedVirtualSystems(lab) {
    for (const group of groupsOf(lab)) {
      for (const vm of membersOf(lab, group))
        yield memberOf(groupReference(group), vmReference(vm));
    }
  },
  *Msvm_CollectedSnapshots(lab) {
    for (const snapshot of groupsOf(lab).flatMap(({ snapshots }) => snapshots)) {
      for (const { vm, checkpoint } of snapshot.members) {
        const owner = lab.vms.find(({ id }) => id === vm);
        if (owner?.checkpoints.some(({ id }) => id === checkpoint) !== true) continue;
        yield memberOf(groupSnapshotReference(snapshot), settingsReference(checkpoint));
      }
    }
  },
  *Msvm_CollectedReferencePoints(lab) {
    for (const group of groupsOf(lab)) {
      for (const point of group.referencePoints) {
        for (const member of point.members) {
          const vm = lab.vms.find(({ id }) => id === member.vm);
          const own = vm?.referencePoints.find((each) => each.instanceId === member.point);
          if (vm === undefined || own === undefined) continue;
          yield memberOf(groupPointReference(group, point), referencePointReference(vm, own));
        }
      }
    }
  },
  *Msvm_ServiceOfVssComponent(lab) {
    for (const vm of lab.vms) {
      for (const Antecedent of deviceReferences(lab, vm)) {
        if (Antecedent.className !== 'Msvm_VssComponent') continue;
        yield { Antecedent, Dependent: guestServiceReference(vm) };
      }
    }
  },
  *Msvm_SnapshotOfVirtualSystemCollection(lab) {
    for (const group of groupsOf(lab)) {
      for (const snapshot of group.snapshots) {
        const Dependent = groupSnapshotReference(snapshot);
        yield { Antecedent: groupReference(group), Dependent };
      }
    }
  },
  *Msvm_ReferencePointOfVirtualSystemCollection(lab) {
    for (const group of groupsOf(lab)) {
      for (const point of group.referencePoints) {
        const Dependent = groupPointReference(group, point);
        yield { Antecedent: groupReference(group), Dependent };
      }
    }
  },
};
