import type { MapFrame, MapReference } from '../../api/change-map.ts';
import { disksOfPoint, findDisk } from '../../backup/select/find-disk.ts';
import { recordError } from '../../backup/errors/record-errors.ts';
import { readChanges } from '../../backup/changes/read-changes.ts';
import { listPoints, type PointEntry } from '../../backup/points/catalog.ts';
import { openStoreAt, plainTarget } from '../../backup/store/store-kinds.ts';
import { readableChain, type ChainLink } from '../../backup/points/point-chain.ts';
import type { Store } from '../../backup/store/contract/store.ts';
import { resolveVm } from '../../backup/points/vm-names.ts';
import type { RangeSet } from '../../base/range-set.ts';
import { noProgress, type Progress } from '../../base/progress.ts';
import type { EngineError } from '../../base/errors.ts';
import { mapError } from '../../changemap/map-errors.ts';
import type { VhdxImage } from '../../disk/vhdx/read/vhdx-image.ts';
import { sharedBy } from '../store/store-documents.ts';
import { compareWithPoint } from './compared-points.ts';
import { noFrames, type FrameContents, type MapContents } from './map-contents.ts';
import { findPartitions, scanDisk } from './scan-disk.ts';
import { openStoredLayers, type StoredLayers } from './stored-layers.ts';

type Stored = Extract<MapReference, { readonly store: string }>;

/**
 * Opens the map of a point, of a chain, or of the changes between two points, from the images of a
 * store.
 */
export async function openStored(
  reference: Stored,
  progress: Progress,
  signal: AbortSignal,
): Promise<MapContents> {
  const store = await openStoreAt(plainTarget(reference.store), signal);
  const vm = await resolveVm(store, reference.vm, signal);
  const points = await listPoints(store, vm.id, signal);
  const { links, gap } = readableChain(points, reference.point, numberOf(points, reference));
  const [newest] = links;
  if (newest === undefined) throw new Error('A chain has at least one image');
  const what =
    reference.kind === 'between' ? `${reference.from} → ${reference.point}` : newest.point.id;
  const subject = `${vm.name || vm.id} · ${newest.disk.name}`;
  const title = `${subject} · ${what}`;
  const opened = await openStoredLayers(store, links, gap, signal);
  const { disk } = opened;
  try {
    const compared =
      reference.kind === 'between' && ancestorAt(links, reference.from) === undefined
        ? reference.from
        : undefined;
    const above = changedAbove(reference, links, opened);
    const changed = await changesOf(store, links.slice(0, above), signal);
    const segments =
      compared === undefined
        ? await scanDisk(disk, changed, progress, signal)
        : await compareWithPoint(store, points, links, disk, compared, progress, signal);
    const found = await findPartitions(disk, signal);
    const frames =
      reference.kind === 'chain'
        ? await chainFrames(store, links, opened, gap, progress, signal)
        : noFrames;
    const full = reference.kind === 'point' && newest.disk.kind === 'full';
    const holders = sharedBy(newest.disk, newest.point.manifest.group);
    return {
      title,
      subject,
      ...(holders === undefined ? {} : { sharedBy: holders }),
      segments,
      points: pointIds(links),
      changeWord: changeWord(reference, full, compared !== undefined),
      ...frames,
      partitions: found.partitions,
      warnings: [...opened.warnings, ...found.warnings],
      kept: null,
    };
  } finally {
    await opened.close();
  }
}

/** Returns the number that the point recorded for the requested disk. */
function numberOf(points: readonly PointEntry[], { point, disk }: Stored): number {
  if (typeof disk === 'number') return disk;
  const entry = points.find(({ id }) => id === point);
  const records = entry?.state === 'complete' ? entry.manifest.disks : [];
  const found = findDisk(disksOfPoint(records), disk);
  if (found !== undefined || entry?.state !== 'complete') return found?.number ?? -1;
  throw recordError('point.missing', `The point ${point} has no disk “${disk}”`, {
    data: { point, found: disk, expected: records.map(({ slot }) => slot) },
  });
}

const pointIds = (links: readonly ChainLink[]): string[] => links.map(({ point }) => point.id);

/**
 * Returns the tracker's ranges for each image; undefined for an image whose whole contents count.
 */
async function changesOf(
  store: Store,
  links: readonly ChainLink[],
  signal: AbortSignal,
): Promise<(RangeSet | undefined)[]> {
  const changes: (RangeSet | undefined)[] = [];
  for (const link of links) changes.push(await readChanges(store, link, signal));
  return changes;
}

/** Returns the number of layers, from the newest, that count as changed. */
function changedAbove(
  reference: Stored,
  links: readonly ChainLink[],
  { disk, warnings: [missing] }: StoredLayers,
): number {
  if (reference.kind === 'chain') return 1;
  if (reference.kind === 'point') return links[0]?.disk.kind === 'full' ? 0 : 1;
  const above = ancestorAt(links, reference.from) ?? 0;
  if (above <= disk.layers.length) return above;
  const message = `The changes between ${reference.from} and ${reference.point} are unknown: ${missing?.message ?? ''}`;
  throw mapError('map.between', message, {
    data: { point: reference.point, found: reference.from },
  });
}

/**
 * Returns the depth of an older point below the newest of its chain; undefined if it is not in the
 * chain.
 */
function ancestorAt(links: readonly ChainLink[], id: string): number | undefined {
  const at = links.findIndex(({ point }) => point.id === id);
  return at > 0 ? at : undefined;
}

function changeWord({ kind }: Stored, full: boolean, compared: boolean): MapContents['changeWord'] {
  if (full) return 'allocated';
  if (kind !== 'between') return 'changed';
  return compared ? 'different' : 'written';
}

/**
 * Lists the points of a chain whose images can be opened, oldest first. Each is read again when it
 * is shown. A point above a missing image shows its own changes, one below it shows everything.
 */
async function chainFrames(
  store: Store,
  links: readonly ChainLink[],
  { layers, disk }: StoredLayers,
  gap: EngineError | undefined,
  progress: Progress,
  signal: AbortSignal,
): Promise<Pick<MapContents, 'frames' | 'frame'>> {
  const frames: MapFrame[] = [];
  const starts: number[] = [];
  progress.phase('frames', layers.length);
  for (const [i, { point, disk: record }] of links.entries()) {
    const layer = layers[i];
    progress.advance(1);
    if (layer === undefined) continue;
    const changedBytes = record.changedBytes ?? (await writtenBytes(layer, disk.size, signal));
    frames.unshift({
      point: point.id,
      created: point.manifest.created,
      kind: record.kind,
      changedBytes,
    });
    starts.unshift(i);
  }
  return {
    frames,
    frame: (index, inner) => frameAt(store, links.slice(starts[index] ?? 0), gap, inner),
  };
}

async function frameAt(
  store: Store,
  links: readonly ChainLink[],
  gap: EngineError | undefined,
  signal: AbortSignal,
): Promise<FrameContents> {
  const { disk, close } = await openStoredLayers(store, links, gap, signal);
  try {
    return {
      segments: await scanDisk(
        disk,
        await changesOf(store, links.slice(0, 1), signal),
        noProgress,
        signal,
      ),
      points: pointIds(links),
    };
  } finally {
    await close();
  }
}

/** Counts the bytes that a layer of a chain holds as data or zeros. */
async function writtenBytes(layer: VhdxImage, size: number, signal: AbortSignal): Promise<number> {
  let sum = 0;
  for await (const batch of layer.layerExtents({ start: 0, end: size }, signal)) {
    for (const { start, end, kind } of batch) if (kind !== 'transparent') sum += end - start;
  }
  return sum;
}
