import { parseGuid } from '../../../base/guid.ts';
import type { Range } from '../../../base/range.ts';
import type { RangeSet } from '../../../base/range-set.ts';
import { ChainDisk } from '../../../disk/chain/chain.ts';
import { openDisk, type OpenedDisk } from '../../../disk/chain/open-disk.ts';
import { openListed } from '../../../disk/chain/open-listed.ts';
import type { DiskImage } from '../../../disk/image/image.ts';
import type { VirtualDisk } from '../../../disk/virtual/virtual-disk.ts';
import { VhdxImage } from '../../../disk/vhdx/read/vhdx-image.ts';
import { backupError } from '../../errors/backup-errors.ts';
import type { CopySource } from '../../images/copy-source.ts';
import { dataOf } from '../../hashes/hash-disk.ts';
import type { BackupHost, HostDisk } from '../../host/host.ts';
import type { HostFiles } from '../../host/host-files.ts';
import { diskDifference, type DiskFacts } from '../../select/same-disk.ts';
import { reportedParents } from './reported-parents.ts';

/** A disk of the host, opened here. Closing it closes the files. */
export interface HostDiskSource extends CopySource {
  /** Maximum number of bytes that a copy will read. */
  readonly bytes: number;
  /** The whole disk, for checks of the tracker; undefined for an exported increment. */
  readonly opened: OpenedDisk | undefined;
  /** The facts in the image's own metadata. */
  readonly facts: DiskFacts;
  close(): Promise<void>;
}

/**
 * Opens the frozen file with its parents, and checks that it is the disk that the host reported. On a
 * file server the parents are those that the host reports.
 */
export async function openFrozenDisk(
  disk: HostDisk,
  files: HostFiles,
  host: Pick<BackupHost, 'parentOfImage'>,
  signal: AbortSignal,
): Promise<OpenedDisk> {
  const place = await files.pathOf(disk.path, signal);
  const parents = files.followsNames ? [] : await reportedParents(disk, host, signal);
  const chain = parents.map((path) => files.pathOf(path, signal));
  return openPlace(place, disk, files, await Promise.all(chain), signal);
}

/**
 * Opens a file, and checks that it is the disk that the host reported.
 * @param parents paths of the parents on a file server; looked for beside the file otherwise
 */
export async function openPlace(
  place: string,
  disk: HostDisk,
  { access, followsNames }: HostFiles,
  parents: readonly string[],
  signal: AbortSignal,
): Promise<OpenedDisk> {
  const options = { format: disk.format, open: access.open.bind(access) };
  const opened = followsNames
    ? await openDisk(place, options, signal)
    : await openListed([place, ...parents], options, signal);
  try {
    checkIdentity(disk, factsOf(opened.layers[0]), place);
    return opened;
  } catch (error) {
    await opened.disk.close();
    throw error;
  }
}

/**
 * Returns the source of a full: all data of the disk. Closing it closes the disk, which is also
 * closed if this fails.
 */
export async function fullSource(opened: OpenedDisk, signal: AbortSignal): Promise<HostDiskSource> {
  try {
    let bytes = 0;
    for await (const range of dataRanges(opened, signal)) bytes += range.end - range.start;
    return sourceOf(opened, () => dataRanges(opened, signal), bytes, opened.disk);
  } catch (error) {
    await opened.disk.close();
    throw error;
  }
}

/** Returns the source of an increment: the changed ranges. */
export function changedSource(opened: OpenedDisk, changed: RangeSet): HostDiskSource {
  return sourceOf(opened, () => changed, changed.bytes);
}

function sourceOf(
  opened: OpenedDisk,
  ranges: () => CopySource['ranges'],
  bytes: number,
  whole?: VirtualDisk,
): HostDiskSource {
  const { disk } = opened;
  return {
    whole,
    disk,
    size: disk.size,
    sector: disk.logicalSectorSize,
    get ranges() {
      return ranges();
    },
    bytes,
    opened,
    facts: factsOf(opened.layers[0]),
    read: (offset, into, signal) => disk.read(offset, into, signal),
    locate: disk.locate?.bind(disk),
    close: () => disk.close(),
  };
}

function dataRanges({ disk }: OpenedDisk, signal: AbortSignal): AsyncGenerator<Range> {
  return dataOf(disk, { start: 0, end: disk.size }, signal);
}

/**
 * Opens an exported increment: a differencing image whose parent is an earlier export, not our
 * file. Opens it alone: its present, zero and unmapped parts are the change. A host whose tracking
 * restarted, or that ignores the base, exports in full instead. An absent block then means zeros,
 * but in an increment it would show the parent's data. Throws `export.full` in this case.
 */
export async function openExportedDelta(
  place: string,
  disk: HostDisk,
  { access }: HostFiles,
  signal: AbortSignal,
): Promise<HostDiskSource> {
  const image = await VhdxImage.open(await access.open(place, signal), signal);
  try {
    checkIdentity(disk, factsOf(image), place);
    if (image.metadata.parent === undefined) {
      throw backupError(
        'export.full',
        `The host exported the disk at ${disk.slot} in full instead of the changes since the last point`,
        { data: { slot: disk.slot, path: place } },
      );
    }
    // Its own ranges never reach the parent.
    const alone = new ChainDisk([image], true);
    let bytes = 0;
    for await (const { start, end } of ownRanges(image, signal)) bytes += end - start;
    return {
      size: image.size,
      sector: image.metadata.logicalSectorSize,
      get ranges() {
        return ownRanges(image, signal);
      },
      bytes,
      opened: undefined,
      facts: factsOf(image),
      read: (offset, into, readSignal) => alone.read(offset, into, readSignal),
      locate: (start, length, readSignal) => alone.locate(start, length, readSignal),
      close: () => image.close(),
    };
  } catch (error) {
    await image.close();
    throw error;
  }
}

/** Yields the ranges that a differencing image itself contains, in order. */
async function* ownRanges(image: VhdxImage, signal: AbortSignal): AsyncGenerator<Range> {
  for await (const batch of image.layerExtents({ start: 0, end: image.size }, signal)) {
    for (const { start, end, kind } of batch) {
      if (kind !== 'transparent') yield { start, end };
    }
  }
}

const factsOf = (image: DiskImage): DiskFacts => ({
  virtualDiskId: image.diskId === undefined ? null : parseGuid(image.diskId),
  virtualSize: image.size,
  logicalSectorSize: image.logicalSectorSize,
  physicalSectorSize: image.physicalSectorSize ?? null,
  format: image.format as HostDisk['format'],
});

/**
 * Checks that the file is the disk that the host reported for the checkpoint: ID, size, sectors and
 * format. Throws `disk.identity`.
 */
export function checkIdentity(disk: HostDisk, found: DiskFacts, place: string): void {
  if (diskDifference(disk.slot, disk, found) === undefined) return;
  const [is, expected] = [identity(found), identity(disk)];
  throw backupError(
    'disk.identity',
    `${place} is the disk ${is}; expected ${expected} at ${disk.slot}, as the host reports. Check the path map`,
    { data: { path: place, found: is, expected } },
  );
}

function identity(facts: DiskFacts): string {
  const { virtualDiskId, virtualSize, logicalSectorSize, physicalSectorSize } = facts;
  const sectors = [logicalSectorSize, physicalSectorSize].filter((each) => (each ?? null) !== null);
  const cut = sectors.length === 0 ? '' : `, sectors of ${sectors.join('/')}`;
  return `${virtualDiskId ?? 'unknown'} of ${virtualSize ?? 'unknown'} bytes${cut}`;
}
