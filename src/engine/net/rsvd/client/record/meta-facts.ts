import type { Buffer } from 'node:buffer';
import { hex, named, type Fact } from '../../../smb/client/record/fact-lines.ts';
import { APPLY } from '../../codec/meta/apply.ts';
import { decodeConvert } from '../../codec/meta/convert.ts';
import { decodeCreateSnapshot, SNAPSHOT_TYPE, STAGE } from '../../codec/meta/create-snapshot.ts';
import { decodeExtract } from '../../codec/meta/extract.ts';
import { RESIZE } from '../../codec/meta/resize.ts';
import { META, META_START } from '../../codec/meta/start.ts';
import { structureFacts } from './structure-facts.ts';

/** Facts of META_OPERATION_START: the operation, its transaction, and its own data. */
export function metaFacts(payload: Buffer): { facts: Fact[]; name: string } {
  const start = META_START.decode(payload, 'smb.request');
  const name = named(start.type, META);
  const data = payload.subarray(META_START.size);
  const facts = [
    ...structureFacts(META_START, start, { type: name }),
    ...dataFacts(start.type, data),
  ];
  return { facts, name };
}

function dataFacts(type: number, data: Buffer): Fact[] {
  switch (type) {
    case META.resize:
      return structureFacts(RESIZE, RESIZE.decode(data, 'smb.request'));
    case META.createSnapshot:
      return snapshotFacts(data);
    case META.extract: {
      const { snapshotType, flags, sourceId, limitId, name } = decodeExtract(data, 'smb.request');
      return [
        ['SnapshotType', named(snapshotType, SNAPSHOT_TYPE)],
        ['Flags', hex(flags)],
        ['SourceSnapshotId', sourceId],
        ['SourceLimitSnapshotId', limitId],
        ['DestinationVhdName', name],
      ];
    }
    case META.convert:
      return [['DestinationVhdSetName', decodeConvert(data, 'smb.request')]];
    case META.apply: {
      const values = APPLY.decode(data, 'smb.request');
      const snapshotType = named(values.snapshotType, SNAPSHOT_TYPE);
      return structureFacts(APPLY, values, { snapshotType });
    }
    default:
      return [];
  }
}

function snapshotFacts(data: Buffer): Fact[] {
  const { snapshotType, flags, stages, snapshotId } = decodeCreateSnapshot(data, 'smb.request');
  const stageNames = stages
    .filter((stage) => stage !== STAGE.none)
    .map((stage) => named(stage, STAGE));
  return [
    ['SnapshotType', named(snapshotType, SNAPSHOT_TYPE)],
    ['Flags', hex(flags)],
    ['stages', stageNames.length === 0 ? 'none' : stageNames.join(', ')],
    ['SnapshotId', snapshotId],
  ];
}
