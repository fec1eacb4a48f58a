import { cimInstance, type CimInstance } from '../../cim/model.ts';
import { isTerminal, type LabJob } from '../model/jobs.ts';
import type { Lab } from '../model/lab.ts';
import { rctId, type LabReferencePoint, type LabVm } from '../state/state.ts';
import { settingsId, storageInstanceId, vmId } from './ids.ts';
import { SERVICES } from './service-classes.ts';

export function services(lab: Lab, className: string): CimInstance[] {
  return SERVICES.filter((each) => each.className === className).map(({ name }) =>
    cimInstance(className, {
      CreationClassName: className,
      ElementName: className,
      EnabledState: 2,
      Name: name,
      Started: true,
      SystemCreationClassName: 'Msvm_ComputerSystem',
      SystemName: lab.state.machineName,
    }),
  );
}

export function referencePoints(lab: Lab): CimInstance[] {
  return lab.state.vms.flatMap((vm) =>
    vm.referencePoints.map((point) => referencePoint(lab, vm, point)),
  );
}

/** Identifiers name the active VM's disk locations; the RCT IDs are parallel to them. */
function referencePoint(lab: Lab, vm: LabVm, point: LabReferencePoint): CimInstance {
  const lost = lab.faults.list().some((fault) => fault.name === 'rct.lost');
  return cimInstance('Msvm_VirtualSystemReferencePoint', {
    ConsistencyLevel: point.consistency,
    HasAssociatedData: false,
    InstanceID: point.instanceId,
    ReferencePointType: 2,
    ResilientChangeTrackingIdentifiers: lost
      ? []
      : point.disks.map((disk) => rctId(disk.trackingId, disk.generation)),
    VirtualDiskIdentifiers: point.disks.map((disk) => storageInstanceId(vm.id, vm, disk.slot)),
    VirtualSystemIdentifier: vmId(vm),
  });
}

/** Returns each VM's own export settings, which clients change and send back. */
export function exportSettings(lab: Lab): CimInstance[] {
  return lab.state.vms.map((vm) =>
    cimInstance('Msvm_VirtualSystemExportSettingData', {
      BackupIntent: 0,
      Caption: 'Virtual Machine Export Settings',
      CaptureLiveState: 1,
      CopySnapshotConfiguration: 0,
      CopyVmRuntimeInformation: true,
      CopyVmStorage: true,
      CreateVmExportSubdirectory: true,
      DisableDifferentialOfIgnoredStorage: false,
      ElementName: vm.name,
      ExcludedVirtualHardDisks: [],
      ExportForLiveMigration: false,
      InstanceID: settingsId(vm.id),
    }),
  );
}

/** The suffix of these IDs on a real host is UNCONFIRMED; clients read them. */
export function diskMergeSettings(lab: Lab): CimInstance[] {
  return lab.state.vms.map((vm) =>
    cimInstance('Msvm_DiskMergeSettingData', {
      Caption: 'Disk Merge Settings',
      ElementName: 'Disk Merge Settings',
      EnabledState: vm.mergeEnabled ? 1 : 0,
      InstanceID: `${settingsId(vm.id)}\\DiskMerge`,
    }),
  );
}

const NEVER = '1601-01-01T00:00:00Z';

export function jobs(lab: Lab, className: string): CimInstance[] {
  return Array.from(lab.jobs.all())
    .filter((job) => job.className === className)
    .map((job) => jobRow(job));
}

function jobRow(job: LabJob): CimInstance {
  const done = isTerminal(job.state);
  const failed = done && job.state !== 7;
  const end = done ? job.changed.getTime() : Date.now();
  const seconds = Math.max(0, end - job.started.getTime()) / 1000;
  return cimInstance(job.className, {
    Cancellable: !done,
    Caption: job.caption,
    DeleteOnCompletion: false,
    Description: job.caption,
    ElapsedTime: `P0DT0H0M${seconds.toFixed(3)}S`,
    ElementName: job.caption,
    ErrorCode: job.errorCode,
    ErrorDescription: job.errorText,
    HealthState: 5,
    InstallDate: NEVER,
    InstanceID: job.id,
    JobRunTimes: 1,
    JobState: job.state,
    JobStatus: failed ? 'Error' : done ? 'Completed' : 'Running',
    JobType: job.type,
    LocalOrUtcTime: 2,
    Name: job.caption,
    Notify: '',
    OperationalStatus: done ? (failed ? [6] : [17, 2]) : [2],
    OtherRecoveryAction: '',
    Owner: job.owner,
    PercentComplete: job.percent,
    Priority: 0,
    RecoveryAction: 2,
    StartTime: job.started.toISOString(),
    Status: failed ? 'Error' : 'OK',
    TimeBeforeRemoval: 'P0DT0H5M0S',
    TimeOfLastStateChange: job.changed.toISOString(),
    TimeSubmitted: job.started.toISOString(),
  });
}
