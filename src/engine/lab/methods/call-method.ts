import type { Lab } from '../model/lab.ts';
import { CimFault } from '../wmi/cim-fault.ts';
import type { MethodCall, MethodResult } from '../wmi/repository.ts';
import { collectionManagement } from './groups/collection-management.ts';
import { collectionReferencePoints, collectionSnapshots } from './groups/collection-snapshots.ts';
import { vssService } from './groups/vss-service.ts';
import { imageService } from './image-service.ts';
import { jobMethods } from './job-methods.ts';
import { managementService } from './management-service.ts';
import { referencePointService } from './reference-point-service.ts';
import { shutdownComponent } from './shutdown-component.ts';
import { snapshotService } from './snapshot-service.ts';
import { systemMethods } from './system-methods.ts';

type Service = (lab: Lab, call: MethodCall) => Promise<MethodResult>;

const SERVICES: Readonly<Record<string, Service>> = {
  Msvm_VirtualSystemSnapshotService: snapshotService,
  Msvm_VirtualSystemReferencePointService: referencePointService,
  Msvm_VirtualSystemManagementService: managementService,
  Msvm_ImageManagementService: imageService,
  Msvm_ConcreteJob: jobMethods,
  Msvm_StorageJob: jobMethods,
  Msvm_ComputerSystem: systemMethods,
  Msvm_ShutdownComponent: shutdownComponent,
  Msvm_CollectionManagementService: collectionManagement,
  Msvm_CollectionSnapshotService: collectionSnapshots,
  Msvm_CollectionReferencePointService: collectionReferencePoints,
  Msvm_VssService: vssService,
};

/** Calls that change nothing on the host. */
const isRead = ({ method }: MethodCall): boolean => /^(Get|Query|FormatError)/.test(method);

/** Calls a method of a class. Texts of errors show the host's paths. */
export async function callMethod(lab: Lab, call: MethodCall): Promise<MethodResult> {
  const service = SERVICES[call.target.className];
  if (service === undefined) {
    throw new CimFault('actionNotSupported', `The lab does not emulate ${call.target.className}`);
  }
  // A host that crashes saves nothing: RCT then over-reports.
  if (!isRead(call) && lab.faults.strike('host.crash') !== undefined) {
    lab.crash();
  }
  try {
    return await service(lab, call);
  } catch (error) {
    if (error instanceof CimFault) throw error;
    const text = lab.paths.toHostText((error as Error).message);
    throw new Error(text, { cause: error });
  }
}
