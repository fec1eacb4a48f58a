import type { CimClient } from '../../cim/client.ts';
import { decodeEmbedded, typedInstance } from '../../cim/cim-xml.ts';
import { COLLECTION_OPERATION } from '../calls/collection-operations.ts';
import { question } from '../calls/question.ts';
import { hostError } from '../hyperv-errors.ts';
import { methodError } from '../return-values.ts';
import { WmiRecord } from '../wmi-record.ts';

/** AdditionalInformation: paths of all files, or of all parents. */
const PATHS = 2;
/** More snapshots than Hyper-V allows for one disk, by far. */
const MAX_SNAPSHOTS = 10_000;

export interface VhdSet {
  readonly path: string;
  readonly snapshotIds: readonly string[];
  /** Every file of the set. */
  readonly allPaths: readonly string[];
}

export interface VhdSnapshot {
  readonly snapshotId: string;
  /** Frozen file. */
  readonly snapshotPath: string;
  readonly parentPaths: readonly string[];
  /** ISO 8601; null if the host gives none. */
  readonly created: string | null;
  readonly rctId: string | null;
}

/** Asks for the snapshots and the files of a VHD Set. */
export async function vhdSet(
  client: CimClient,
  path: string,
  signal: AbortSignal,
): Promise<VhdSet> {
  const args = { VHDSetPath: path, AdditionalInformation: [PATHS] };
  const { method } = COLLECTION_OPERATION.getVhdSetInformation;
  const result = await question(client, COLLECTION_OPERATION.getVhdSetInformation, args, signal);
  if (result.returnValue !== 0) throw methodError(method, result.returnValue);
  const row = embedded(result.out.requireText('Information'));
  const snapshotIds = bounded(row.texts('SnapshotIdList'), path);
  return { path: row.text('Path') ?? path, snapshotIds, allPaths: row.texts('AllPaths') };
}

/** Asks for snapshots of a VHD Set; all of them without `ids`. */
export async function vhdSnapshots(
  client: CimClient,
  path: string,
  ids: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<VhdSnapshot[]> {
  const args = { VHDSetPath: path, SnapshotIds: ids, AdditionalInformation: [PATHS] };
  const operation = COLLECTION_OPERATION.getVhdSnapshotInformation;
  const result = await question(client, operation, args, signal);
  if (result.returnValue !== 0) throw methodError(operation.method, result.returnValue);
  return bounded(result.out.texts('SnapshotInformation'), path).map((text) => {
    const row = embedded(text);
    return {
      snapshotId: row.requireText('SnapshotId'),
      snapshotPath: row.text('SnapshotPath') ?? '',
      parentPaths: row.texts('ParentPathsList'),
      created: row.time('CreationTime'),
      rctId: row.text('ResilientChangeTrackingId') || null,
    };
  });
}

const embedded = (text: string): WmiRecord => new WmiRecord(typedInstance(decodeEmbedded(text)));

function bounded(list: readonly string[], path: string): readonly string[] {
  if (list.length <= MAX_SNAPSHOTS) return list;
  throw hostError(
    'host.value',
    `The host lists ${list.length} snapshots of ${path}; expected at most ${MAX_SNAPSHOTS}`,
    { data: { path, found: list.length, expected: MAX_SNAPSHOTS } },
  );
}
