import {
  cimInstance,
  isCimReference,
  keyOf,
  type CimInstance,
  type CimValue,
} from '../../cim/model.ts';
import type { Lab } from '../model/lab.ts';
import { memoryOf, processorsOf } from '../rows/hardware/hardware-rows.ts';
import { ownerOf, vmId } from '../rows/shared/ids.ts';
import { operationOf } from '../rows/system-rows.ts';
import type { LabVm } from '../state/state.ts';
import type { MethodCall, MethodResult } from '../wmi/repository.ts';
import { numberOf, RETURN } from './contract/arguments.ts';

const RUNNING = 2;

/** Properties by the number that asks for them (hyperv-wmi 1.6). */
const REQUESTED: Readonly<Record<number, (lab: Lab, vm: LabVm) => Record<string, CimValue>>> = {
  0: (_, vm) => ({ Name: vmId(vm) }),
  1: (_, vm) => ({ ElementName: vm.name }),
  2: (_, vm) => ({ CreationTime: vm.created }),
  3: () => ({ Notes: '' }),
  4: (_, vm) => ({ NumberOfProcessors: processorsOf(vm) }),
  9: () => ({ VirtualSwitchNames: ['Lab Switch'] }),
  10: (_, vm) => ({ Version: vm.configurationVersion }),
  11: () => ({ Shielded: false }),
  100: (_, vm) => ({ EnabledState: vm.enabledState }),
  101: (_, vm) => ({ ProcessorLoad: vm.enabledState === RUNNING ? 1 : null }),
  103: (_, vm) => ({ MemoryUsage: vm.enabledState === RUNNING ? BigInt(memoryOf(vm)) : null }),
  104: (_, vm) => ({ Heartbeat: vm.enabledState === RUNNING ? 2 : 12 }),
  105: (_, vm) => ({ UpTime: upTime(vm) }),
  106: () => ({ GuestOperatingSystem: 'Windows Server 2019 Standard' }),
  109: () => ({ HealthState: 5 }),
  110: (lab, vm) => ({
    OperationalStatus: [2, ...[operationOf(lab, vm)].flatMap((each) => each ?? [])],
  }),
  111: () => ({ StatusDescriptions: ['Operating normally'] }),
};

const upTime = (vm: LabVm): bigint =>
  vm.enabledState === RUNNING
    ? BigInt(Math.max(0, Date.now() - Date.parse(vm.stateChanged ?? vm.created)))
    : 0n;

/** Implements GetSummaryInformation: of the VMs with these settings, or of all. */
export function summaryInformation(lab: Lab, call: MethodCall): MethodResult {
  const settings = call.args['SettingData'];
  const ids = call.args['RequestedInformation'];
  const asked = Array.isArray(ids) ? (ids as readonly CimValue[]) : [];
  const vms: readonly (LabVm | undefined)[] = Array.isArray(settings)
    ? (settings as readonly CimValue[]).map((each) => vmOf(lab, each))
    : lab.vms;
  if (vms.includes(undefined)) return { returnValue: RETURN.invalidParameter };
  const rows = vms.flatMap((vm) => (vm === undefined ? [] : [summary(lab, vm, asked)]));
  return { returnValue: RETURN.done, out: { SummaryInformation: rows } };
}

function vmOf(lab: Lab, value: CimValue): LabVm | undefined {
  const id = isCimReference(value) ? keyOf(value, 'InstanceID') : undefined;
  return id === undefined ? undefined : lab.ownerOf(ownerOf(id));
}

function summary(lab: Lab, vm: LabVm, asked: readonly CimValue[]): CimInstance {
  const parts = asked.map((each) => REQUESTED[numberOf(each) ?? -1]?.(lab, vm) ?? {});
  return cimInstance('Msvm_SummaryInformation', Object.assign({ Name: vmId(vm) }, ...parts));
}
