import { guidOf } from './derived-guid.ts';
import type { LabAdapter, LabState, LabVm } from './state.ts';

/** Name of a host's only switch. */
export const SWITCH_NAME = 'Lab Switch';

/** Returns the GUID of a host's only switch. */
export const switchId = ({ machineName }: Pick<LabState, 'machineName'>): string =>
  guidOf(`switch ${machineName}`);

/** Returns a VM's network adapters: its own, or the one that every VM of the lab begins with. */
export function adaptersOf(state: LabState, vm: LabVm): readonly LabAdapter[] {
  return (
    vm.adapters ?? [
      {
        id: guidOf(`port ${vm.id}`),
        name: 'Network Adapter',
        // A MAC address of Hyper-V's range that depends on the VM alone.
        mac: `00155D${guidOf(vm.id).replaceAll('-', '').slice(0, 6)}`,
        staticMac: false,
        connected: true,
        switchId: switchId(state),
        switchName: SWITCH_NAME,
      },
    ]
  );
}
