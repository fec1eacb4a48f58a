import type { MapFrame, MapReference } from '../../api/change-map.ts';
import { disksOfPoint, findDisk } from '../../backup/disks/find-disk.ts';
import { recordError } from '../../backup/record-errors.ts';
import { openStoredImages } from '../../backup/stored-disk.ts';
import { readChanges } from '../../backup/read-changes.ts';
import { listPoints, type PointEntry } from '../../backup/store/catalog.ts';
import { DirectoryStore } from '../../backup/store/directory-store.ts';
import { diskChain, type ChainLink } from '../../backup/store/point-chain.ts';
import type { Store } from '../../backup/store/store.ts';
import { resolveVm } from '../../backup/store/vm-names.ts';
import type { RangeSet } from '../../base/range-set.ts';
import { noProgress, type Progress } from '../../base/progress.ts';
import { ChainDisk } from '../../disk/chain.ts';
import type { VirtualDisk } from '../../disk/virtual-disk.ts';
import { compareWithPoint } from './compared-points.ts';
import { noFrames, type FrameContents, type MapContents } from './map-contents.ts';
import { findPartitions, scanDisk } from './scan-disk.ts';

type Stored = Extract<MapReference, { readonly store: string }>;

/** A point, a chain or what lies between two points of one, from the images of a store. */
export async function openStored(
  reference: Stored,
  progress: Progress,
  signal: AbortSignal,
): Promise<MapContents> {
  const store = await DirectoryStore.open(reference.store, { create: false }, signal);
  const vm = await resolveVm(store, reference.vm, signal);
  const points = await listPoints(store, vm.id, signal);
  const links = diskChain(points, reference.point, numberOf(points, reference));
  const [newest] = links;
  if (newest === undefined) throw new Error('A chain has at least one image');
  const what =
    reference.kind === 'between' ? `${reference.from} → ${reference.point}` : newest.point.id;
  const subject = `${vm.name || vm.id} · ${newest.disk.name}`;
  const title = `${subject} · ${what}`;
  const disk = await openStoredImages(store, links, signal);
  try {
    const compared =
      reference.kind === 'between' && ancestorAt(links, reference.from) === undefined
        ? reference.from
        : undefined;
    const changed = await changesOf(store, links.slice(0, changedAbove(reference, links)), signal);
    const segments =
      compared === undefined
        ? await scanDisk(disk, changed, progress, signal)
        : await compareWithPoint(store, points, links, disk, compared, progress, signal);
    const found = await findPartitions(disk, signal);
    const frames =
      reference.kind === 'chain'
        ? await chainFrames(store, links, disk, progress, signal)
        : noFrames;
    const full = reference.kind === 'point' && newest.disk.kind === 'full';
    return {
      title,
      subject,
      segments,
      points: pointIds(links),
      changeWord: changeWord(reference, full, compared !== undefined),
      ...frames,
      ...found,
      kept: null,
    };
  } finally {
    await disk.close();
  }
}

/** The number that the point recorded for the disk that is asked for. */
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

/** What the tracker named for each image; undefined for one of which all that it holds counts. */
async function changesOf(
  store: Store,
  links: readonly ChainLink[],
  signal: AbortSignal,
): Promise<(RangeSet | undefined)[]> {
  const changes: (RangeSet | undefined)[] = [];
  for (const link of links) changes.push(await readChanges(store, link, signal));
  return changes;
}

/** How many layers from the newest count as changed. */
function changedAbove(reference: Stored, links: readonly ChainLink[]): number {
  if (reference.kind === 'chain') return 1;
  if (reference.kind === 'point') return links[0]?.disk.kind === 'full' ? 0 : 1;
  return ancestorAt(links, reference.from) ?? 0;
}

/** How deep below the newest an older point of its chain lies; undefined if it is not in the chain. */
function ancestorAt(links: readonly ChainLink[], id: string): number | undefined {
  const at = links.findIndex(({ point }) => point.id === id);
  return at > 0 ? at : undefined;
}

function changeWord({ kind }: Stored, full: boolean, compared: boolean): MapContents['changeWord'] {
  if (full) return 'allocated';
  if (kind !== 'between') return 'changed';
  return compared ? 'different' : 'written';
}

/** The points of a chain, the oldest first; each is read again when it is looked at. */
async function chainFrames(
  store: Store,
  links: readonly ChainLink[],
  disk: VirtualDisk,
  progress: Progress,
  signal: AbortSignal,
): Promise<Pick<MapContents, 'frames' | 'frame'>> {
  const written = await writtenBytes(disk, progress, signal);
  const frames = links.map(({ point, disk: record }, depth): MapFrame => ({
    point: point.id,
    created: point.manifest.created,
    kind: record.kind,
    changedBytes: record.changedBytes ?? written[depth] ?? 0,
  }));
  frames.reverse();
  return { frames, frame: (index, inner) => frameAt(store, links.slice(-1 - index), inner) };
}

async function frameAt(
  store: Store,
  links: readonly ChainLink[],
  signal: AbortSignal,
): Promise<FrameContents> {
  const disk = await openStoredImages(store, links, signal);
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
    await disk.close();
  }
}

/** Bytes that each layer of a chain holds or calls zeros, the newest first. */
async function writtenBytes(
  disk: VirtualDisk,
  progress: Progress,
  signal: AbortSignal,
): Promise<number[]> {
  const layers = disk instanceof ChainDisk ? disk.layers : [];
  const sums: number[] = [];
  progress.phase('frames', layers.length);
  for (const layer of layers) {
    let sum = 0;
    for await (const batch of layer.layerExtents({ start: 0, end: disk.size }, signal)) {
      for (const { start, end, kind } of batch) if (kind !== 'transparent') sum += end - start;
    }
    sums.push(sum);
    progress.advance(1);
  }
  return sums;
}
