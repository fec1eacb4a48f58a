import type { CimInstance, CimValue } from '../../../cim/model.ts';
import type { Lab } from '../../model/lab.ts';
import type { LabSetting, LabVm } from '../../state/state.ts';
import type { Near } from '../../wmi/repository.ts';
import { settingsId } from '../shared/ids.ts';
import { INTEGRATION_COMPONENTS } from './integration-components.ts';
import { adaptersOf } from '../../state/adapters.ts';
import { objectPath, owners, type Owner } from '../shared/owners.ts';
import { resourceRow } from '../shared/resource-row.ts';
import { switchPath } from './switch-rows.ts';

/** Virtual processors and memory in MiB of a VM of the lab, unless they were changed. */
const PROCESSORS = 2;
const MEMORY = 2048;

/** Parts of InstanceIDs that are the same on all hosts. */
const PROCESSOR = 'B637F346-6A0E-4DEC-AF52-BD70CB80A21D\\0';
const MEMORY_ID = '4764334D-E001-4176-82EE-5594EC9B530E';
const SERIAL = '8E3A359F-559A-4B6A-98A9-1690A6100ED7';
const DISPLAY = '2FC216B0-D2E2-4967-9B6D-B8A5C9CA2778';

interface Part {
  /** InstanceID after the owner's. */
  readonly id: string;
  readonly properties: Readonly<Record<string, CimValue>> & { readonly ElementName: string };
}

type Parts = (lab: Lab, owner: Owner) => readonly Part[];

/** Returns the number of virtual processors of a VM. */
export const processorsOf = ({ changed }: LabVm): number =>
  Number(changed?.[PROCESSOR]?.['VirtualQuantity'] ?? PROCESSORS);

/** Returns the memory of a VM in MiB. */
export const memoryOf = ({ changed }: LabVm): number =>
  Number(changed?.[MEMORY_ID]?.['VirtualQuantity'] ?? MEMORY);

/** Hardware of a VM beside its disks, by class of its settings. */
const PARTS: Readonly<Record<string, Parts>> = {
  Msvm_ProcessorSettingData: () => [
    {
      id: PROCESSOR,
      properties: {
        AllocationUnits: 'percent / 1000',
        CpuGroupId: '00000000-0000-0000-0000-000000000000',
        DisableSpeculationControls: false,
        ElementName: 'Processor',
        EnableHostResourceProtection: false,
        EnablePerfmonLbr: false,
        EnablePerfmonPebs: false,
        EnablePerfmonPmu: false,
        ExposeVirtualizationExtensions: false,
        HideHypervisorPresent: false,
        HwThreadsPerCore: 0n,
        Limit: 100_000n,
        LimitCPUID: false,
        LimitProcessorFeatures: false,
        MaxNumaNodesPerSocket: 1n,
        MaxProcessorsPerNumaNode: 64n,
        Reservation: 0n,
        ResourceSubType: 'Microsoft:Hyper-V:Processor',
        ResourceType: 3,
        VirtualQuantity: BigInt(PROCESSORS),
        Weight: 100,
      },
    },
  ],
  Msvm_MemorySettingData: () => [
    {
      id: MEMORY_ID,
      properties: {
        AllocationUnits: 'byte * 2^20',
        DynamicMemoryEnabled: false,
        ElementName: 'Memory',
        HugePagesEnabled: false,
        IsVirtualized: true,
        Limit: BigInt(MEMORY),
        MaxMemoryBlocksPerNumaNode: 32_768n,
        Reservation: BigInt(MEMORY),
        ResourceSubType: 'Microsoft:Hyper-V:Memory',
        ResourceType: 4,
        SgxEnabled: false,
        SgxLaunchControlMode: 0,
        SgxSize: 0n,
        SwapFilesInUse: false,
        TargetMemoryBuffer: 20,
        VirtualQuantity: BigInt(MEMORY),
        VirtualQuantityUnits: 'byte * 2^20',
        Weight: 5000,
      },
    },
  ],
  Msvm_SyntheticEthernetPortSettingData: (lab, { vm }) =>
    adaptersOf(lab.state, vm).map(({ id, name, mac, staticMac }) => ({
      id,
      properties: {
        Address: mac,
        AllowPacketDirect: false,
        ClusterMonitored: true,
        DeviceNamingEnabled: false,
        ElementName: name,
        InterruptModeration: true,
        MediaType: 0,
        NumaAwarePlacement: false,
        ResourceSubType: 'Microsoft:Hyper-V:Synthetic Ethernet Port',
        ResourceType: 10,
        StaticMacAddress: staticMac,
        VirtualSystemIdentifiers: [`{${id}}`],
      },
    })),
  Msvm_EthernetPortAllocationSettingData: (lab, { id: owner, vm }) =>
    adaptersOf(lab.state, vm)
      .filter(({ noConnection }) => noConnection !== true)
      .map((adapter) => ({
        id: `${adapter.id}\\C`,
        properties: {
          Address: '',
          CompartmentGuid: '',
          ElementName: adapter.name,
          EnabledState: adapter.connected ? 2 : 3,
          HostResource: adapter.switchId === null ? [] : [switchPath(lab, adapter.switchId)],
          LastKnownSwitchName: adapter.switchName,
          Parent: objectPath(
            lab,
            'Msvm_SyntheticEthernetPortSettingData',
            `${settingsId(owner)}\\${adapter.id}`,
          ),
          ResourceSubType: 'Microsoft:Hyper-V:Ethernet Connection',
          ResourceType: 33,
          TestReplicaPoolID: '',
          TestReplicaSwitchName: '',
        },
      })),
  Msvm_SerialPortSettingData: () =>
    [0, 1].map((port) => ({
      id: `${SERIAL}\\${port}`,
      properties: {
        Connection: [''],
        DebuggerMode: false,
        ElementName: `COM ${port + 1}`,
        ResourceSubType: 'Microsoft:Hyper-V:Serial Port',
        ResourceType: 17,
      },
    })),
  Msvm_SyntheticDisplayControllerSettingData: () => [
    {
      id: DISPLAY,
      properties: {
        ElementName: 'Display Controller',
        HorizontalResolution: 1920,
        ResolutionType: 2,
        ResourceSubType: 'Microsoft:Hyper-V:Synthetic Display Controller',
        ResourceType: 24,
        VerticalResolution: 1080,
      },
    },
  ],
  ...Object.fromEntries(
    INTEGRATION_COMPONENTS.map(({ className, id, name, settings }) => [
      `${className}SettingData`,
      (): readonly Part[] => [
        {
          id,
          properties: { ElementName: name, EnabledState: 2, ResourceType: 1, ...settings },
        },
      ],
    ]),
  ),
};

/** Returns the settings with a VM's own values; a number of 64 bits stays one. */
export function withChanges<Properties extends Readonly<Record<string, CimValue>>>(
  properties: Properties,
  changed: Readonly<Record<string, LabSetting>> | undefined,
): Properties {
  const own = Object.entries(changed ?? {}).map(([name, value]) => [
    name,
    typeof properties[name] === 'bigint' ? BigInt(String(value)) : value,
  ]);
  return { ...properties, ...(Object.fromEntries(own) as Partial<Properties>) };
}

export const HARDWARE_CLASSES: readonly string[] = Object.keys(PARTS);

/** Yields the settings of one kind of hardware, of every VM and checkpoint. */
export function* hardwareSettings(
  lab: Lab,
  className: string,
  near?: Near,
): Generator<CimInstance> {
  for (const owner of owners(lab, near)) {
    for (const { id, properties } of PARTS[className]?.(lab, owner) ?? []) {
      const InstanceID = `${settingsId(owner.id)}\\${id}`;
      const changed = withChanges(properties, owner.vm.changed?.[id]);
      yield resourceRow(lab, className, { ...changed, InstanceID });
    }
  }
}
