import type { CimReference, CimValue } from '../../cim/model.ts';
import type { Lab } from '../model/lab.ts';
import { CimFault } from '../wmi/cim-fault.ts';
import type { Near } from '../wmi/repository.ts';
import { deviceReferences } from './hardware/device-rows.ts';
import { bootComponents, bootIdentities } from './firmware-rows.ts';
import { HARDWARE_CLASSES, hardwareSettings } from './hardware/hardware-rows.ts';
import {
  driveInstanceId,
  driveSlots,
  instanceReference,
  referencePointReference,
  settingsId,
  settingsReference,
  storageInstanceId,
  vmReference,
} from './shared/ids.ts';
import { systemsNear, vmsNear } from './shared/near.ts';
import { owners, type Owner } from './shared/owners.ts';
import { controllersOf, RASD, SASD } from './storage-rows.ts';

/** The references of one association, and its other properties. */
type Link = Readonly<Record<string, CimValue>>;

type Links = (lab: Lab, near: Near | undefined) => Iterable<Link>;

/** Associations, derived from the state at each request. */
export const ASSOCIATIONS: Readonly<Record<string, Links>> = {
  *Msvm_SettingsDefineState(lab, near) {
    for (const vm of systemsNear(lab, near)) {
      yield { ManagedElement: vmReference(vm), SettingData: settingsReference(vm.id) };
    }
  },
  *Msvm_SnapshotOfVirtualSystem(lab, near) {
    for (const vm of vmsNear(lab, near)) {
      for (const { id } of vm.checkpoints) {
        yield { Antecedent: vmReference(vm), Dependent: settingsReference(id) };
      }
    }
  },
  *Msvm_MostCurrentSnapshotInBranch(lab, near) {
    for (const vm of vmsNear(lab, near)) {
      const last = vm.checkpoints.findLast((each) => each.type === 'user');
      if (last !== undefined) {
        yield { Antecedent: vmReference(vm), Dependent: settingsReference(last.id) };
      }
    }
  },
  /** The roles are the reverse of those in the associations above. */
  *Msvm_LastAppliedSnapshot(lab, near) {
    for (const vm of vmsNear(lab, near)) {
      const applied = vm.checkpoints.find(({ id }) => id === vm.lastApplied);
      if (applied !== undefined) {
        yield { Antecedent: settingsReference(applied.id), Dependent: vmReference(vm) };
      }
    }
  },
  *Msvm_ParentChildSettingData(lab, near) {
    for (const vm of vmsNear(lab, near)) {
      for (const { id, parent } of vm.checkpoints) {
        if (parent === null) continue;
        yield { Antecedent: settingsReference(parent), Dependent: settingsReference(id) };
      }
    }
  },
  *Msvm_VirtualSystemSettingDataComponent(lab, near) {
    for (const owner of owners(lab, near)) {
      for (const part of componentsOf(lab, owner)) {
        yield { GroupComponent: settingsReference(owner.id), PartComponent: part };
      }
    }
  },
  Msvm_BootSourceComponent: bootComponents,
  Msvm_LogicalIdentity: bootIdentities,
  *Msvm_SystemDevice(lab, near) {
    for (const vm of vmsNear(lab, near)) {
      for (const device of deviceReferences(lab, vm)) {
        yield { GroupComponent: vmReference(vm), PartComponent: device };
      }
    }
  },
  *Msvm_ReferencePointOfVirtualSystem(lab, near) {
    for (const vm of vmsNear(lab, near)) {
      for (const point of vm.referencePoints) {
        yield { Antecedent: vmReference(vm), Dependent: referencePointReference(vm, point) };
      }
    }
  },
  *Msvm_SystemExportSettingData(lab, near) {
    for (const vm of vmsNear(lab, near)) {
      yield {
        ManagedElement: vmReference(vm),
        SettingData: instanceReference('Msvm_VirtualSystemExportSettingData', settingsId(vm.id)),
        IsCurrent: 1,
        IsDefault: 1,
        IsNext: 0,
      };
    }
  },
  Msvm_AffectedJobElement: (lab) => {
    if (lab.faults.strike('associators.fail') !== undefined) {
      throw new CimFault('internal', 'The provider failed: a fault is on.');
    }
    return affectedJobElements(lab, 'Msvm_ConcreteJob');
  },
  Msvm_AffectedStorageJobElement: (lab) => affectedJobElements(lab, 'Msvm_StorageJob'),
};

/** Yields the settings of an owner's hardware. */
function* componentsOf(lab: Lab, owner: Owner): Generator<CimReference> {
  const { id, vm, fileOf } = owner;
  for (const { id: controller } of controllersOf(vm)) {
    yield instanceReference(RASD, `${settingsId(id)}\\${controller}`);
  }
  for (const slot of driveSlots(vm)) {
    yield instanceReference(RASD, driveInstanceId(id, vm, slot));
  }
  for (const disk of vm.disks) {
    if (disk.kind !== 'passthrough' && fileOf(disk) !== undefined) {
      yield instanceReference(SASD, storageInstanceId(id, vm, disk.slot));
    }
  }
  const near = new Map([['instanceid', settingsId(id)]]);
  for (const className of HARDWARE_CLASSES) {
    for (const { properties } of hardwareSettings(lab, className, near)) {
      const instanceId = properties.get('InstanceID');
      if (typeof instanceId === 'string' && instanceId.startsWith(`${settingsId(id)}\\`)) {
        yield instanceReference(className, instanceId);
      }
    }
  }
}

function* affectedJobElements(lab: Lab, className: string): Generator<Link> {
  for (const job of lab.jobs.all()) {
    if (job.className !== className) continue;
    for (const { reference, effect } of job.affected) {
      yield {
        AffectedElement: reference,
        AffectingElement: instanceReference(job.className, job.id),
        ElementEffects: [effect],
        OtherElementEffectsDescriptions: [],
      };
    }
  }
}
