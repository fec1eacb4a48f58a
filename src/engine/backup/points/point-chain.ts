import { isEngineError, type EngineError } from '../../base/errors.ts';
import type { DiskRecord } from '../manifest/manifest.ts';
import { recordError } from '../errors/record-errors.ts';
import type { CompletePoint, PointEntry } from './catalog.ts';

/** Windows cannot open longer chains, nor can this program. */
const MAX_CHAIN = 256;

/** One image of a disk's chain. */
export interface ChainLink {
  readonly point: CompletePoint;
  readonly disk: DiskRecord;
}

/**
 * Returns a disk at a point: its image first, then its parents' down to the full. Follows the
 * parents recorded in the manifests, never the order or the names. `diskNumber` is the number that
 * this point recorded; parents are found by slot and disk ID, since numbers change when disks are
 * added or removed. Throws `point.missing` and `point.incomplete` for the requested point;
 * `chain.gap` if a parent is absent, partial, damaged or another disk; `chain.cycle`; `chain.depth`
 * beyond 256.
 */
export function diskChain(
  points: readonly PointEntry[],
  pointId: string,
  diskNumber: number,
): readonly ChainLink[] {
  const { links, gap } = readableChain(points, pointId, diskNumber);
  if (gap !== undefined) throw gap;
  return links;
}

/**
 * Like {@link diskChain}, but an absent or damaged parent ends the chain: `gap` contains the
 * reason.
 */
export function readableChain(
  points: readonly PointEntry[],
  pointId: string,
  diskNumber: number,
): { readonly links: readonly ChainLink[]; readonly gap: EngineError | undefined } {
  const byId = new Map(points.map((point) => [point.id, point]));
  const links: ChainLink[] = [];
  let point = startPoint(byId, pointId);
  for (;;) {
    try {
      links.push(nextLink(point, pointId, diskNumber, links));
      const { parentPoint: parent } = (links.at(-1) as ChainLink).disk;
      if (parent === null) return { links, gap: undefined };
      point = parentPoint(byId, parent, point.id);
    } catch (error) {
      if (links.length > 0 && isEngineError(error, 'chain.gap')) return { links, gap: error };
      throw error;
    }
  }
}

/** Returns the next link. Throws if the chain loops or is too deep. */
function nextLink(
  point: CompletePoint,
  pointId: string,
  diskNumber: number,
  links: readonly ChainLink[],
): ChainLink {
  const link = linkOf(point, diskNumber, links.at(-1));
  if (links.some((earlier) => earlier.point.id === point.id)) {
    throw recordError('chain.cycle', `The parents of ${pointId} form a loop at ${point.id}`, {
      data: { point: pointId, disk: diskNumber, at: point.id },
    });
  }
  if (links.length === MAX_CHAIN) {
    throw recordError('chain.depth', `The chain of ${pointId} has more than ${MAX_CHAIN} images`, {
      data: { point: pointId, disk: diskNumber, limit: MAX_CHAIN },
    });
  }
  return link;
}

/**
 * Returns the points that any disk of `pointId` depends on, itself first. Throws like {@link
 * diskChain}.
 */
export function pointChain(
  points: readonly PointEntry[],
  pointId: string,
): readonly CompletePoint[] {
  const byId = new Map(points.map((point) => [point.id, point]));
  const needed = new Map<string, CompletePoint>();
  const start = startPoint(byId, pointId);
  needed.set(start.id, start);
  for (const disk of start.manifest.disks) {
    for (const { point } of diskChain(points, pointId, disk.number)) needed.set(point.id, point);
  }
  return [...needed.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
}

function startPoint(byId: ReadonlyMap<string, PointEntry>, pointId: string): CompletePoint {
  const point = byId.get(pointId);
  if (point === undefined) {
    throw recordError('point.missing', `There is no point ${pointId}`, {
      data: { point: pointId },
    });
  }
  if (point.state === 'complete') return point;
  if (point.state === 'damaged') throw point.error;
  throw recordError('point.incomplete', `The point ${pointId} was never finished`, {
    data: { point: pointId },
  });
}

function parentPoint(
  byId: ReadonlyMap<string, PointEntry>,
  parentId: string,
  childId: string,
): CompletePoint {
  const parent = byId.get(parentId);
  if (parent?.state === 'complete') return parent;
  const what =
    parent === undefined
      ? 'is missing'
      : parent.state === 'partial'
        ? 'is incomplete'
        : 'is damaged';
  throw recordError('chain.gap', `${parentId}, the parent of ${childId}, ${what}`, {
    data: { point: childId, parent: parentId, found: parent?.state ?? 'absent' },
    ...(parent?.state === 'damaged' ? { cause: parent.error } : {}),
  });
}

function linkOf(point: CompletePoint, diskNumber: number, child: ChainLink | undefined): ChainLink {
  const { disks } = point.manifest;
  if (child === undefined) {
    const disk = disks.find(({ number }) => number === diskNumber);
    if (disk !== undefined) return { point, disk };
    throw recordError('point.missing', `The point ${point.id} has no disk ${diskNumber}`, {
      data: { point: point.id, disk: diskNumber },
    });
  }
  const disk = disks.find(({ slot }) => slot === child.disk.slot);
  const gap = (problem: string): Error =>
    recordError('chain.gap', `${point.id}, the parent of ${child.point.id}, ${problem}`, {
      data: { point: child.point.id, parent: point.id, disk: diskNumber, slot: child.disk.slot },
    });
  if (disk === undefined) throw gap(`has no disk at ${child.disk.slot}`);
  const [id, childId] = [disk.virtualDiskId, child.disk.virtualDiskId];
  if (id !== null && childId !== null && id !== childId) {
    throw gap(`has the disk ${id} at ${disk.slot}, expected ${childId}`);
  }
  if (disk.virtualSize !== child.disk.virtualSize) {
    throw gap(
      `has ${disk.virtualSize} bytes of the disk at ${disk.slot}, expected ${child.disk.virtualSize}`,
    );
  }
  return { point, disk };
}
