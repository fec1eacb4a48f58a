import path from 'node:path';
import type { FileList, VssComponent } from '../../vss/model.ts';
import { configurationFolder, type LabDrive } from '../files/host-paths.ts';
import { STATE } from '../model/vm-state.ts';
import type { Lab } from '../model/lab.ts';
import type { LabVm } from '../state/state.ts';

/** Component of the Hyper-V writer that is not a VM. */
const HOST_COMPONENT: VssComponent = {
  name: 'Host Component',
  logicalPath: null,
  caption: 'Host Component',
  files: [
    {
      path: 'C:\\ProgramData\\Microsoft\\Windows\\Hyper-V',
      spec: 'InitialStore.xml',
      recursive: false,
    },
  ],
};

/** Folder that no component wants to have copied. */
export const WRITER_EXCLUDES: readonly FileList[] = [
  { path: 'C:\\Lab\\Exports', spec: '*', recursive: true },
];

/** Whether the writer saves the VM and resumes it, as its guest cannot freeze its disks. */
export function isSavedForBackup(lab: Lab, vm: LabVm): boolean {
  if (vm.enabledState === STATE.paused) return true;
  if (vm.enabledState !== STATE.running || !lab.faults.isOn('vss.saved')) return false;
  const only = lab.faults.list().find(({ name }) => name === 'vss.saved')?.value ?? null;
  return only === null || only === '' || only === vm.name || only.toLowerCase() === vm.id;
}

/** Returns the components of the Hyper-V writer: its VMs, and the one of the host. */
export function components(lab: Lab): readonly VssComponent[] {
  const vms = lab.vms.filter((vm) => !isLeftOut(lab, vm)).map((vm) => componentOf(lab, vm));
  return [HOST_COMPONENT, ...vms];
}

function isLeftOut(lab: Lab, vm: LabVm): boolean {
  if (!lab.faults.isOn('vss.leftOut')) return false;
  const only = lab.faults.list().find(({ name }) => name === 'vss.leftOut')?.value ?? null;
  return only === null || only === '' || only === vm.name || only.toLowerCase() === vm.id;
}

function componentOf(lab: Lab, vm: LabVm): VssComponent {
  const way = isSavedForBackup(lab, vm) ? 'Saved State' : 'Child Partition Snapshot';
  const disks = vm.disks.flatMap(({ kind, files }) =>
    kind === 'vhdx' || kind === 'vhd' ? files : [],
  );
  return {
    name: vm.id.toUpperCase(),
    logicalPath: null,
    caption: `Backup Using ${way}\\${vm.name}`,
    files: [...configurationFiles(lab, vm), ...disks].map((file) => ({
      path: path.win32.dirname(file),
      spec: path.win32.basename(file),
      recursive: false,
    })),
  };
}

/** Host paths of a VM's small files; 2012 R2 keeps XML, newer hosts their own format. */
export function configurationFiles({ state }: Lab, vm: LabVm): readonly string[] {
  const folder = `${configurationFolder(vm.id)}\\Virtual Machines`;
  const id = vm.id.toUpperCase();
  const endings = state.hostVersion === '2012r2' ? ['xml'] : ['vmcx', 'vmgs', 'vmrs'];
  const memory = state.hostVersion === '2012r2' ? [`${id}\\${id}.bin`, `${id}\\${id}.vsv`] : [];
  return [...endings.map((ending) => `${id}.${ending}`), ...memory].map(
    (name) => `${folder}\\${name}`,
  );
}

/** Returns the drives on which files of a component lie. */
export function drivesOf(lab: Lab, { files }: VssComponent): ReadonlySet<LabDrive> {
  const drives = files.map((each) => lab.paths.volumeOf(each.path)?.drive);
  return new Set(drives.filter((drive) => drive !== undefined));
}
