import { cimInstance } from '../../../cim/model.ts';
import { changesOfSet, describeSet, sizeOfSet } from '../../groups/shared-sets.ts';
import type { Lab } from '../../model/lab.ts';
import type { MethodCall, MethodResult } from '../../wmi/repository.ts';
import { numberOf, RETURN, textOf } from '../contract/arguments.ts';

const FILE_NOT_FOUND = 32779;
/** AdditionalInformation: 2 asks for paths. */
const PATHS = 2;

const isSet = (file: string): boolean => /\.vhds$/i.test(file);

const wantsPaths = ({ args }: MethodCall): boolean =>
  Array.isArray(args['AdditionalInformation']) &&
  args['AdditionalInformation'].some((each) => Number(each) === PATHS);

/** Answers GetVHDSetInformation: the snapshots and the files of a VHD Set. */
export function vhdSetInformation(lab: Lab, call: MethodCall): Promise<MethodResult> {
  return ofSet(lab, call, async (file) => {
    const { snapshots, files } = await describeSet(lab, file);
    return {
      Information: {
        embedded: cimInstance('Msvm_VHDSetInformation', {
          AllPaths: wantsPaths(call) ? files : [],
          Path: file,
          SnapshotIdList: snapshots.map(({ id }) => id.toUpperCase()),
        }),
      },
    };
  });
}

/** Answers GetVHDSnapshotInformation: the snapshots of a VHD Set that are asked for, or all. */
export function vhdSnapshotInformation(lab: Lab, call: MethodCall): Promise<MethodResult> {
  const asked = call.args['SnapshotIds'];
  const ids = Array.isArray(asked) ? asked.map((each) => String(each).toLowerCase()) : [];
  return ofSet(lab, call, async (file) => {
    const { snapshots } = await describeSet(lab, file);
    const wanted = snapshots.filter(({ id }) => ids.length === 0 || ids.includes(id));
    return {
      SnapshotInformation: wanted.map(({ id, created, path }) => ({
        embedded: cimInstance('Msvm_VHDSnapshotInformation', {
          CreationTime: new Date(created).toISOString(),
          FilePath: file,
          ParentPathsList: [],
          // Its form for a VHD Set is UNCONFIRMED: the lab gives the ID of the snapshot.
          ResilientChangeTrackingId: id.toUpperCase(),
          SnapshotId: id.toUpperCase(),
          SnapshotPath: path,
        }),
      })),
    };
  });
}

/**
 * Answers GetVirtualDiskChanges for a VHD Set: between two snapshots. Undefined for other files, which
 * take no TargetSnapshotId.
 */
export async function changesOfVhdSet(
  lab: Lab,
  call: MethodCall,
): Promise<MethodResult | undefined> {
  const file = textOf(call.args['Path']);
  const targetId = textOf(call.args['TargetSnapshotId']);
  if (!isSet(file)) {
    return targetId === '' ? undefined : { returnValue: RETURN.invalidParameter };
  }
  const offset = numberOf(call.args['ByteOffset']) ?? 0;
  const length = numberOf(call.args['ByteLength']) ?? 0;
  if (lab.paths.toLocal(file) === undefined) return { returnValue: FILE_NOT_FOUND };
  const size = await sizeOfSet(lab, file);
  if (length === 0 || offset + length > size) return { returnValue: RETURN.invalidParameter };
  const limitId = textOf(call.args['LimitId']);
  const ranges = await changesOfSet(lab, file, { limitId, targetId, offset, length });
  if (ranges === undefined) return { returnValue: RETURN.failed };
  return {
    returnValue: RETURN.done,
    out: {
      ProcessedByteLength: BigInt(length),
      ChangedByteOffsets: ranges.map(({ start }) => BigInt(start)),
      ChangedByteLengths: ranges.map((range) => BigInt(range.length)),
    },
  };
}

async function ofSet(
  lab: Lab,
  call: MethodCall,
  describe: (file: string) => Promise<NonNullable<MethodResult['out']>>,
): Promise<MethodResult> {
  const file = textOf(call.args['VHDSetPath']);
  if (lab.paths.toLocal(file) === undefined) return { returnValue: FILE_NOT_FOUND };
  if (!isSet(file)) return { returnValue: RETURN.notSupported };
  return { returnValue: RETURN.done, out: await describe(file) };
}
