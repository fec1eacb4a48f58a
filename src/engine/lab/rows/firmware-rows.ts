import { cimInstance, type CimInstance, type CimReference } from '../../cim/model.ts';
import type { Lab } from '../model/lab.ts';
import { BOOT_SOURCE, bootSources } from './shared/boot-sources.ts';
import type { Near } from '../wmi/repository.ts';
import { instanceReference, settingsId, settingsReference } from './shared/ids.ts';
import { owners } from './shared/owners.ts';
import { RASD } from './storage-rows.ts';
import { withChanges } from './hardware/hardware-rows.ts';

const SECURITY_CLASS = 'Msvm_SecuritySettingData';
/** InstanceID of a VM's security settings after the owner's; the form is UNCONFIRMED. */
export const SECURITY = 'B5E3F1E4-6A6F-4F0E-9E37-6D7F6E1C5A21';
const PORT = 'Msvm_SyntheticEthernetPortSettingData';

/** Yields the boot sources of every VM of generation 2 and of its checkpoints. */
export function* bootSourceSettings(lab: Lab, near?: Near): Generator<CimInstance> {
  for (const { id: owner, vm } of owners(lab, near)) {
    for (const { id, type, name, devicePath, location } of bootSources(lab, vm)) {
      yield cimInstance(BOOT_SOURCE, {
        BootSourceDescription: name,
        BootSourceType: type,
        Caption: 'Boot Source Settings',
        Description: 'Settings for a boot source of the lab.',
        ElementName: 'Boot Source Settings',
        FirmwareDevicePath: devicePath,
        InstanceID: `${settingsId(owner)}\\${id}`,
        OptionalData: [],
        OtherLocation: location,
      });
    }
  }
}

/** Yields the security settings of every VM of generation 2 and of its checkpoints. */
export function* securitySettings(lab: Lab, near?: Near): Generator<CimInstance> {
  for (const { id: owner, vm } of owners(lab, near)) {
    if (vm.generation === 1) continue;
    const row = {
      BindToHostTpm: false,
      Caption: 'Security Settings',
      DataProtectionRequested: false,
      Description: 'Security settings for the virtual machine.',
      ElementName: 'Security Settings',
      EncryptStateAndVmMigrationTraffic: false,
      InstanceID: `${settingsId(owner)}\\${SECURITY}`,
      KsdEnabled: false,
      ShieldingRequested: false,
      TpmEnabled: false,
      VirtualizationBasedSecurityOptOut: false,
    };
    yield cimInstance(SECURITY_CLASS, withChanges(row, vm.changed?.[SECURITY]));
  }
}

/** Yields the links of settings to their boot sources. */
export function* bootComponents(
  lab: Lab,
  near?: Near,
): Generator<Readonly<Record<string, CimReference>>> {
  for (const { id: owner, vm } of owners(lab, near)) {
    for (const { id } of bootSources(lab, vm)) {
      const PartComponent = instanceReference(BOOT_SOURCE, `${settingsId(owner)}\\${id}`);
      yield { GroupComponent: settingsReference(owner), PartComponent };
    }
  }
}

/** Yields the links of drives and adapters to their boot sources. */
export function* bootIdentities(
  lab: Lab,
  near?: Near,
): Generator<Readonly<Record<string, CimReference>>> {
  for (const { id: owner, vm } of owners(lab, near)) {
    for (const { id, device } of bootSources(lab, vm)) {
      if (device === undefined) continue;
      const className = device.endsWith('\\D') ? RASD : PORT;
      yield {
        SameElement: instanceReference(BOOT_SOURCE, `${settingsId(owner)}\\${id}`),
        SystemElement: instanceReference(className, `${settingsId(owner)}\\${device}`),
      };
    }
  }
}
