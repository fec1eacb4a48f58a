import type { CimInstance } from '../../cim/model.ts';
import { associationRows } from '../classes/association-rows.ts';
import {
  diskMergeSettings,
  exportSettings,
  jobs,
  referencePoints,
  services,
} from '../classes/backup-rows.ts';
import { serviceClasses } from '../classes/service-classes.ts';
import { resourceSettings, storageSettings } from '../classes/storage-rows.ts';
import { ASSOCIATION_CLASSES, SYSTEM_CLASSES } from '../classes/system-classes.ts';
import { computerSystems, systemSettings, vssComponents } from '../classes/system-rows.ts';
import { imageService } from '../methods/image-service.ts';
import { jobMethods } from '../methods/job-methods.ts';
import { managementService } from '../methods/management-service.ts';
import { referencePointService } from '../methods/reference-point-service.ts';
import { snapshotService } from '../methods/snapshot-service.ts';
import type { Lab } from '../model/lab.ts';
import { CimFault } from '../wmi/cim-fault.ts';
import type {
  CimClassDeclaration,
  CimRepository,
  MethodCall,
  MethodResult,
} from '../wmi/repository.ts';

type Service = (lab: Lab, call: MethodCall) => Promise<MethodResult>;

const SERVICES: Readonly<Record<string, Service>> = {
  Msvm_VirtualSystemSnapshotService: snapshotService,
  Msvm_VirtualSystemReferencePointService: referencePointService,
  Msvm_VirtualSystemManagementService: managementService,
  Msvm_ImageManagementService: imageService,
  Msvm_ConcreteJob: jobMethods,
  Msvm_StorageJob: jobMethods,
};

/** Calls that change nothing on the host. */
const READS = /^Get/;

/**
 * The namespace root/virtualization/v2 of a lab: rows are derived from its state at each request.
 */
export class LabRepository implements CimRepository {
  readonly namespace = 'root/virtualization/v2';
  readonly referencesOf = false;
  readonly classes: ReadonlyMap<string, CimClassDeclaration>;
  readonly #lab: Lab;

  constructor(lab: Lab) {
    this.#lab = lab;
    const all = [
      ...SYSTEM_CLASSES,
      ...ASSOCIATION_CLASSES,
      ...serviceClasses(lab.state.hostVersion),
    ];
    this.classes = new Map(all.map((each) => [each.name, each] as const));
  }

  get machineName(): string {
    return this.#lab.state.machineName;
  }

  instances(className: string): CimInstance[] {
    const lab = this.#lab;
    if (className in SERVICES && className.endsWith('Service')) return services(lab, className);
    switch (className) {
      case 'Msvm_ComputerSystem':
        return computerSystems(lab);
      case 'Msvm_VirtualSystemSettingData':
        return systemSettings(lab);
      case 'Msvm_ResourceAllocationSettingData':
        return resourceSettings(lab);
      case 'Msvm_StorageAllocationSettingData':
        return storageSettings(lab);
      case 'Msvm_VssComponent':
        return vssComponents(lab);
      case 'Msvm_VirtualSystemReferencePoint':
        return referencePoints(lab);
      case 'Msvm_VirtualSystemExportSettingData':
        return exportSettings(lab);
      case 'Msvm_DiskMergeSettingData':
        if (lab.faults.strike('merge.settings') !== undefined) {
          throw new CimFault('internal', 'The provider failed: a fault was asked for.');
        }
        return diskMergeSettings(lab);
      case 'Msvm_ConcreteJob':
      case 'Msvm_StorageJob':
        return jobs(lab, className);
      default:
        return associationRows(lab, className);
    }
  }

  async invoke(call: MethodCall): Promise<MethodResult> {
    const service = SERVICES[call.target.className];
    if (service === undefined) {
      throw new CimFault('actionNotSupported', `The lab does not emulate ${call.target.className}`);
    }
    // A host that crashes saves nothing: RCT then over-reports.
    if (!READS.test(call.method) && this.#lab.faults.strike('host.crash') !== undefined) {
      process.kill(process.pid, 'SIGKILL');
    }
    try {
      return await service(this.#lab, call);
    } catch (error) {
      if (error instanceof CimFault) throw error;
      const text = this.#lab.paths.toHostText((error as Error).message);
      throw new Error(text, { cause: error });
    }
  }
}
