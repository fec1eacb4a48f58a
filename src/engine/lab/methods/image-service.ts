import { cimInstance } from '../../cim/model.ts';
import type { FaultName } from '../faults.ts';
import { NIL_GUID } from '../../base/guid.ts';
import { openImage } from '../../disk/chain/open-as.ts';
import type { DiskImage } from '../../disk/image/image.ts';
import { never } from '../../base/abort.ts';
import { virtualDiskChanges, findByPath } from '../model/changes.ts';
import type { Lab } from '../model/lab.ts';
import { makeFile } from '../model/new-disks.ts';
import { instanceReference } from '../rows/shared/ids.ts';
import { CimFault } from '../wmi/cim-fault.ts';
import type { MethodCall, MethodResult } from '../wmi/repository.ts';
import { numberOf, RETURN, textOf } from './contract/arguments.ts';
import { changesOfVhdSet, vhdSetInformation, vhdSnapshotInformation } from './groups/vhd-sets.ts';

const FILE_NOT_FOUND = 32779;
/** Type of Msvm_VirtualHardDiskSettingData. */
const TYPE = { fixed: 2, dynamic: 3, differencing: 4 } as const;
/** Format of Msvm_VirtualHardDiskSettingData. */
const FORMATS: Readonly<Record<string, number>> = { vhd: 2, vhdx: 3, vhds: 4 };
/** Sectors of a VHD, which does not record its physical ones. */
const SECTOR = 512;

export async function imageService(lab: Lab, call: MethodCall): Promise<MethodResult> {
  const question = JSON.stringify([call.method, call.args], (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  if (asksFirst(lab, 'job.more', question)) return informationJob(lab, call);
  switch (call.method) {
    case 'GetVirtualDiskChanges':
      return changes(lab, call);
    case 'GetVHDSetInformation':
      return vhdSetInformation(lab, call);
    case 'GetVHDSnapshotInformation':
      return vhdSnapshotInformation(lab, call);
    case 'GetVirtualHardDiskSettingData':
      return settingData(lab, call);
    case 'GetVirtualHardDiskState':
      return diskState(lab, call);
    default:
      return { returnValue: RETURN.notSupported };
  }
}

async function changes(lab: Lab, call: MethodCall): Promise<MethodResult> {
  const offset = numberOf(call.args['ByteOffset']);
  const length = numberOf(call.args['ByteLength']);
  if (offset === undefined || length === undefined || offset < 0 || length < 0) {
    throw new CimFault('schema', 'ByteOffset and ByteLength are needed');
  }
  const ids = [call.args['Path'], call.args['LimitId'], call.args['TargetSnapshotId']].map(textOf);
  const asked = JSON.stringify([...ids, offset, length]);
  if (asksFirst(lab, 'tracker.async', asked)) return informationJob(lab, call);
  const ofSet = await changesOfVhdSet(lab, call);
  if (ofSet !== undefined) return ofSet;
  const query = {
    path: textOf(call.args['Path']),
    limitId: textOf(call.args['LimitId']),
    offset,
    length,
  };
  const answer = await virtualDiskChanges(lab, query);
  if (answer.ranges === undefined) return { returnValue: answer.returnValue };
  return {
    returnValue: 0,
    out: {
      ProcessedByteLength: BigInt(answer.processed),
      ChangedByteOffsets: answer.ranges.map((range) => BigInt(range.start)),
      ChangedByteLengths: answer.ranges.map((range) => BigInt(range.length)),
    },
  };
}

/** Whether a query is answered with a job now; the repeated query gets the answer itself. */
function asksFirst(lab: Lab, fault: FaultName, query: string): boolean {
  if (lab.startedChanges.delete(query)) return false;
  if (lab.faults.strike(fault) === undefined) return false;
  lab.startedChanges.add(query);
  return true;
}

/** Msvm_StorageJob.JobType: getting information. */
const GET_INFORMATION = 8;

function informationJob(lab: Lab, call: MethodCall): MethodResult {
  const job = lab.jobs.start({
    className: 'Msvm_StorageJob',
    type: GET_INFORMATION,
    caption: 'Getting Information of a Virtual Disk',
    owner: call.caller,
    work: async () => [],
  });
  return {
    returnValue: RETURN.jobStarted,
    out: { Job: instanceReference(job.className, job.id) },
  };
}

async function settingData(lab: Lab, call: MethodCall): Promise<MethodResult> {
  return withImage(lab, call, (image, path, parentPath) => ({
    SettingData: {
      embedded: cimInstance('Msvm_VirtualHardDiskSettingData', {
        BlockSize: image.blockSize ?? 0,
        ElementName: path,
        Format: FORMATS[image.format] ?? 0,
        InstanceID: path,
        LogicalSectorSize: image.logicalSectorSize,
        MaxInternalSize: BigInt(image.size),
        ParentPath: parentPath ?? '',
        Path: path,
        PhysicalSectorSize: image.physicalSectorSize ?? SECTOR,
        Type: TYPE[image.subformat ?? 'fixed'],
        VirtualDiskId: (image.diskId ?? NIL_GUID).toUpperCase(),
      }),
    },
  }));
}

async function diskState(lab: Lab, call: MethodCall): Promise<MethodResult> {
  return withImage(lab, call, (image, path) => ({
    State: {
      embedded: cimInstance('Msvm_VirtualHardDiskState', {
        Alignment: 1,
        FileSize: BigInt(image.fileSize),
        InstanceID: path,
        InUse: findByPath(lab, path)?.vm.enabledState === 2,
        PhysicalSectorSize: image.physicalSectorSize ?? SECTOR,
      }),
    },
  }));
}

/** Opens the file that Path names and answers with the result of `describe`. */
async function withImage(
  lab: Lab,
  call: MethodCall,
  describe: (
    image: DiskImage,
    path: string,
    parentPath: string | undefined,
  ) => NonNullable<MethodResult['out']>,
): Promise<MethodResult> {
  const path = textOf(call.args['Path']);
  const disk = findByPath(lab, path)?.disk;
  if (disk !== undefined) await makeFile(lab, disk, never);
  return lab.held.use(path, async (local) => {
    if (local === undefined) return { returnValue: FILE_NOT_FOUND };
    let image: DiskImage;
    try {
      image = await openImage(local, never);
    } catch {
      return { returnValue: FILE_NOT_FOUND };
    }
    try {
      return { returnValue: RETURN.done, out: describe(image, path, parentOf(lab, path)) };
    } finally {
      await image.close();
    }
  });
}

/** Returns the parent of a file in its disk's chain. */
function parentOf(lab: Lab, path: string): string | undefined {
  const files = findByPath(lab, path)?.disk.files ?? [];
  const at = files.findIndex((file) => file.toLowerCase() === path.toLowerCase());
  return at > 0 ? files[at - 1] : undefined;
}
