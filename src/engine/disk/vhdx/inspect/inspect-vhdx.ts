import type { ByteSource } from '../../../source/byte-source.ts';
import { REGION_BAT, REGION_METADATA } from '../structures/layout.ts';
import type { Region } from '../structures/regions/region-entry.ts';
import { batSizeDefect, placeDefects } from '../structures/regions/region-places.ts';
import type { VhdxDefect } from '../structures/vhdx-defect.ts';
import { inspectHead, type InspectedHead } from './inspect-head.ts';
import { inspectLog, type InspectedLog } from './inspect-log.ts';
import { inspectMetadata, type InspectedMetadata } from './inspect-metadata.ts';
import { inspectRegions, type InspectedRegions } from './inspect-regions.ts';

/**
 * All structures of a VHDX but its blocks, however damaged, with every defect: what the anatomy
 * shows and the checker lists. `read` opens an image instead, and throws the first defect.
 */
export interface InspectedVhdx {
  readonly file: ByteSource;
  readonly head: InspectedHead;
  readonly log: InspectedLog;
  readonly regions: InspectedRegions;
  readonly metadata: InspectedMetadata | undefined;
  readonly bat: Region | undefined;
  /** In the order of the structures. */
  readonly defects: readonly VhdxDefect[];
}

/** Reads a VHDX from front to back. Throws only for an aborted signal or a bug. */
export async function inspectVhdx(file: ByteSource, signal: AbortSignal): Promise<InspectedVhdx> {
  const head = await inspectHead(file, signal);
  const { chosen } = head.headers;
  const log = await inspectLog(file, chosen, signal);
  const { source } = log;
  const regions = await inspectRegions(source, signal);
  const of = (wanted: Region['id']): Region | undefined =>
    regions.regions.find(({ id }) => id === wanted);
  const region = of(REGION_METADATA);
  const bat = of(REGION_BAT);
  const described =
    region === undefined ? undefined : await inspectMetadata(source, region, signal);
  const disk = described?.metadata;
  const defects = [
    ...head.defects,
    ...log.defects,
    ...regions.defects,
    ...placeDefects(chosen?.header, regions.regions, source.size),
    ...(described?.defects ?? []),
    ...(bat === undefined || disk === undefined
      ? []
      : batSizeDefect(bat, disk, disk.parent !== undefined)),
  ];
  return { file, head, log, regions, metadata: described, bat, defects };
}
