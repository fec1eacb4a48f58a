import type { MapOpen, MapReference } from '../../api/change-map.ts';
import type { Progress } from '../../base/progress.ts';
import { mapError } from '../../changemap/map-errors.ts';
import { CHANGED, tagOf, type Segments } from '../../changemap/segments.ts';
import { SegmentsBuilder } from '../../changemap/segments-builder.ts';
import type { HostPool } from '../../hosts/host-pool.ts';
import { queryChanges, type ChangedRanges } from '../vm/query-changes.ts';
import { queryImageChanges } from '../windows/image-changes.ts';
import { keepRanges, readKept } from './kept-ranges.ts';
import { noFrames, type MapContents } from './map-contents.ts';

type Of<Kind extends MapReference['kind']> = Extract<MapReference, { readonly kind: Kind }>;

/** Matches RCT IDs of the tracker; any other text is the ID of a reference point. */
const RCT_ID = /^rctx:/i;

/**
 * Asks the host for the changes since a reference point and keeps the result. Allocation is
 * unknown.
 */
export async function openQuery(
  reference: Of<'query'>,
  { target, keepIn }: MapOpen,
  pool: HostPool,
  progress: Progress,
  signal: AbortSignal,
): Promise<MapContents> {
  if (target === null) throw mapError('map.request', 'A query requires a host');
  const { vm, disk, since, title } = reference;
  progress.phase('query', 0);
  const request = {
    vm,
    disk: String(disk),
    since: RCT_ID.test(since) ? { rctId: since } : { referencePoint: since },
  };
  const document = await pool.use(target, (host) => queryChanges(host, request, signal));
  return keptMap(title, document, keepIn, signal);
}

/**
 * Asks Windows' virtual disk API for the changes of an image file since an RCT id and keeps the
 * result. Throws `virtdisk.*`.
 */
export async function openImageQuery(
  { path, rctId, title }: Of<'imageQuery'>,
  { keepIn }: MapOpen,
  progress: Progress,
  signal: AbortSignal,
): Promise<MapContents> {
  progress.phase('query', 0);
  return keptMap(title, await queryImageChanges(path, rctId, signal), keepIn, signal);
}

async function keptMap(
  title: string,
  changes: ChangedRanges,
  keepIn: string,
  signal: AbortSignal,
): Promise<MapContents> {
  const { warnings } = changes;
  const segments = changedSegments(changes);
  const kept = await keepRanges(keepIn, { title, segments, warnings }, signal);
  return rangesOnly(title, segments, warnings, kept);
}

/** Opens the ranges of an earlier query. */
export async function openKept(
  reference: Of<'kept'>,
  { keepIn }: MapOpen,
  signal: AbortSignal,
): Promise<MapContents> {
  const { title, segments, warnings } = await readKept(keepIn, reference.id, signal);
  return rangesOnly(title, segments, warnings, reference.id);
}

function rangesOnly(
  title: string,
  segments: Segments,
  warnings: MapContents['warnings'],
  kept: string,
): MapContents {
  return {
    title,
    segments,
    points: [],
    changeWord: 'changed',
    partitions: null,
    ...noFrames,
    kept,
    warnings,
  };
}

function changedSegments({ ranges, virtualSize }: ChangedRanges): Segments {
  const builder = new SegmentsBuilder();
  for (const { start, length } of ranges) builder.add(start, start + length, tagOf(CHANGED));
  return builder.build(virtualSize, true);
}
