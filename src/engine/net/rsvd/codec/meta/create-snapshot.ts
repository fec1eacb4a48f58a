import { Buffer } from 'node:buffer';
import type { Guid } from '../../../../base/guid.ts';
import type { Sender } from '../../../smb/contract/smb-errors.ts';
import { structure } from '../layout/structure.ts';

export const SNAPSHOT_TYPE = { vm: 1, cdp: 3, writeable: 4 } as const;

/** Flag of CreateSnapshot: later changes of the disk can be queried. */
export const ENABLE_CHANGE_TRACKING = 1;

export const STAGE = {
  none: 0,
  initialize: 1,
  blockIo: 2,
  switchObjectStore: 3,
  unblockIo: 4,
  finalize: 5,
} as const;
const STAGES = 6;

const CDP = structure('SVHDX_META_OPERATION_CREATE_CDP_PARAMETER', '2.2.4.17.1.1', 24, {
  logNameOffset: [0, 'u32', 'LogFileNameOffset'],
  logNameLength: [4, 'u32', 'LogFileNameLength: 0'],
  logId: [8, 'guid', 'LogFileId'],
});

const CREATE = structure('SVHDX_META_OPERATION_CREATE_SNAPSHOT', '2.2.4.17.1', 52, {
  snapshotType: [0, 'u32', 'SnapshotType: 1 VM, 3 CDP, 4 writeable'],
  flags: [4, 'u32', 'Flags: 1 change tracking'],
  stage1: [8, 'u32', 'Stage1'],
  stage2: [12, 'u32', 'Stage2'],
  stage3: [16, 'u32', 'Stage3'],
  stage4: [20, 'u32', 'Stage4'],
  stage5: [24, 'u32', 'Stage5'],
  stage6: [28, 'u32', 'Stage6'],
  snapshotId: [32, 'guid', 'SnapshotId, chosen by the client'],
  payloadSize: [48, 'u32', 'ParametersPayloadSize: 0'],
});

export interface CreateSnapshot {
  readonly snapshotType: number;
  readonly flags: number;
  /** Six stages; 0 after the last one. */
  readonly stages: readonly number[];
  readonly snapshotId: Guid;
  readonly payloadSize: number;
  /** Parameters of a CDP snapshot; undefined: the input ends before. */
  readonly log: { readonly logNameLength: number; readonly logId: Guid } | undefined;
}

/** Encodes the data as Microsoft's clients do, with 24 bytes behind it for every type. */
export function encodeCreateSnapshot({ stages, log, ...values }: CreateSnapshot): Buffer {
  const stage = (at: number): number => stages[at] ?? STAGE.none;
  const data = CREATE.encode({
    ...values,
    stage1: stage(0),
    stage2: stage(1),
    stage3: stage(2),
    stage4: stage(3),
    stage5: stage(4),
    stage6: stage(5),
  });
  const tail =
    log === undefined ? Buffer.alloc(CDP.size) : CDP.encode({ logNameOffset: 0, ...log });
  return Buffer.concat([data, tail]);
}

export function decodeCreateSnapshot(bytes: Buffer, sender: Sender): CreateSnapshot {
  const { stage1, stage2, stage3, stage4, stage5, stage6, ...values } = CREATE.decode(
    bytes,
    sender,
  );
  const stages = [stage1, stage2, stage3, stage4, stage5, stage6].slice(0, STAGES);
  const tail = bytes.subarray(CREATE.size);
  const log = tail.length < CDP.size ? undefined : CDP.decode(tail, sender);
  return { ...values, stages, log };
}
