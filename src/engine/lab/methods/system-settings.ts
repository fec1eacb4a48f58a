import type { CimInstance, CimValue } from '../../cim/model.ts';
import { findCheckpoint } from '../model/checkpoints.ts';
import { JobFailure } from '../model/jobs.ts';
import type { Lab } from '../model/lab.ts';
import { ownerOf } from '../rows/shared/ids.ts';
import type { LabSetting, LabVm } from '../state/state.ts';
import type { MethodCall, MethodResult } from '../wmi/repository.ts';
import { embeddedArgument, RETURN, textOf } from './contract/arguments.ts';
import { keptOrder } from './boot-order.ts';
import { startJob } from './contract/start-job.ts';

/** Properties that a client may send; any other makes the job fail, as on a real host. */
const WRITABLE: ReadonlySet<string> = new Set([
  'AutomaticCriticalErrorAction',
  'AutomaticRecoveryAction',
  'AutomaticShutdownAction',
  'AutomaticSnapshotsEnabled',
  'AutomaticStartupAction',
  'AutomaticStartupActionSequenceNumber',
  'BIOSNumLock',
  'BootOrder',
  'BootSourceOrder',
  'ConsoleMode',
  'ElementName',
  'EnhancedSessionTransportType',
  'GuestControlledCacheTypes',
  'InstanceID',
  'LockOnDisconnect',
  'NetworkBootPreferredProtocol',
  'Notes',
  'PauseAfterBootFailure',
  'SecureBootEnabled',
  'SecureBootTemplateId',
  'TurnOffOnGuestRestart',
  'UserSnapshotType',
  'VirtualNumaEnabled',
]);

/** Folders of a VM, which a client may set while it is planned. */
const ROOTS = [
  'ConfigurationDataRoot',
  'SnapshotDataRoot',
  'SuspendDataRoot',
  'SwapFileDataRoot',
] as const;

/** Settings of generation 2 only. */
const FIRMWARE: ReadonlySet<string> = new Set([
  'BootSourceOrder',
  'NetworkBootPreferredProtocol',
  'PauseAfterBootFailure',
  'SecureBootEnabled',
  'SecureBootTemplateId',
]);

/** Implements ModifySystemSettings of a VM, a planned VM or a checkpoint. */
export function modifySystem(lab: Lab, call: MethodCall): MethodResult | Promise<MethodResult> {
  const settings = embeddedArgument(call.args['SystemSettings'], 'Msvm_VirtualSystemSettingData');
  const id = ownerOf(textOf(settings?.properties.get('InstanceID')));
  const vm = lab.systems.find((each) => each.id === id);
  const found = findCheckpoint(lab, id);
  if (settings === undefined || (vm === undefined && found === undefined)) {
    return { returnValue: RETURN.invalidParameter };
  }
  return startJob(lab, call, { type: 2, caption: 'Modifying Settings' }, async () => {
    if (vm !== undefined) changeSystem(lab, vm, settings, vm.planned === true ? ROOTS : []);
    const name = settings.properties.get('ElementName');
    if (found !== undefined) {
      refuseOthers(settings, new Set(['InstanceID', 'ElementName', 'Notes']));
      if (typeof name === 'string') found.checkpoint.name = name;
    }
    await lab.save();
    return [];
  });
}

/**
 * Changes the settings of a VM. Fails for a property that cannot be written.
 * @param also properties that can be written now
 */
export function changeSystem(
  lab: Lab,
  vm: LabVm,
  settings: CimInstance,
  also: readonly string[],
): void {
  refuseOthers(settings, new Set([...WRITABLE, ...also]));
  const changed: Record<string, LabSetting> = { ...vm.changed?.[''] };
  for (const [name, value] of settings.properties) {
    if (value === null || NOT_KEPT.has(name)) continue;
    if (vm.generation === 1 && FIRMWARE.has(name)) {
      throw new JobFailure(32773, `${name} is a setting of generation 2.`);
    }
    const plain = name === 'BootSourceOrder' ? keptOrder(lab, vm, value) : plainValue(name, value);
    if (name === 'ElementName') vm.name = String(plain);
    else changed[name] = plain;
  }
  if (Object.keys(changed).length > 0) vm.changed = { ...vm.changed, '': changed };
}

const NOT_KEPT: ReadonlySet<string> = new Set(['InstanceID', 'VirtualSystemSubType', 'Version']);

function refuseOthers({ properties }: CimInstance, writable: ReadonlySet<string>): void {
  for (const [name, value] of properties) {
    if (value !== null && !writable.has(name)) throw new Error(`${name} cannot be modified.`);
  }
}

/** Returns a value as JSON keeps it. Only the first element of Notes is stored, as on a real host. */
export function plainValue(name: string, value: CimValue): LabSetting {
  if (Array.isArray(value)) {
    const list = (value as readonly CimValue[]).map((each) => plainValue(name, each));
    return (name === 'Notes' ? list.slice(0, 1) : list) as readonly (string | number)[];
  }
  if (typeof value === 'bigint') return String(value);
  if (value === null || typeof value === 'object') {
    throw new JobFailure(32773, `${name} has no value of its type.`);
  }
  return value;
}
