import path from 'node:path';
import { newGuid, parseGuid, tryParseGuid } from '../../base/guid.ts';
import { noProgress } from '../../base/progress.ts';
import { splitAt } from '../../base/range.ts';
import { RangeSet } from '../../base/range-set.ts';
import { openImage } from '../../disk/chain/open-as.ts';
import { openDisk } from '../../disk/chain/open-disk.ts';
import { VhdxWriter } from '../../disk/vhdx/write/vhdx-writer.ts';
import { isZero } from '../../disk/virtual/zero-scan.ts';
import { createFilePart } from '../../source/files/file-part.ts';
import { ensureFolder } from '../../source/folders/folder.ts';
import { copyDisk, sectorsOf } from '../files/disk-files.ts';
import { during } from './checkpoints.ts';
import { writeConfiguration } from './configuration-files.ts';
import { JobFailure } from './jobs.ts';
import { OPERATION, type Lab } from './lab.ts';
import type {
  ExportedDisk,
  FrozenDisk,
  LabCheckpoint,
  LabDisk,
  LabReferencePoint,
  LabVm,
} from '../state/state.ts';

const PIECE = 2 ** 20;

export interface ExportOrder {
  readonly checkpoint: LabCheckpoint;
  /** Host path. */
  readonly directory: string;
  /** Reference point of a differential export; undefined: full. */
  readonly base: LabReferencePoint | undefined;
  readonly excludedSlots: readonly number[];
}

/**
 * Implements ExportSystemDefinition of a backup checkpoint: disks under `Virtual Hard Disks`,
 * flattened or as a differencing VHDX whose parent is the file of the base's own export;
 * the configuration in files of the lab's own.
 */
export async function exportCheckpoint(
  lab: Lab,
  vm: LabVm,
  order: ExportOrder,
  progress: (percent: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const local = lab.paths.toLocal(order.directory);
  if (local === undefined) {
    throw new JobFailure(32769, `Access to ${order.directory} is denied (0x80070005).`);
  }
  await during(lab, vm, OPERATION.exporting, async () => {
    const disks = path.join(local, 'Virtual Hard Disks');
    await ensureFolder(disks);
    const wanted = order.checkpoint.disks.filter(
      ({ slot, snapshotId }) => !order.excludedSlots.includes(slot) && snapshotId === undefined,
    );
    const made: ExportedDisk[] = [];
    for (const [i, frozen] of wanted.entries()) {
      made.push(await exportDisk(lab, vm, order, frozen, signal));
      progress(((i + 1) / wanted.length) * 90);
      if (lab.faults.strike('export.fail')) {
        throw new JobFailure(32768, 'The export failed: a fault was asked for.');
      }
    }
    const frozenFile = ({ slot }: LabDisk): string | undefined =>
      order.checkpoint.disks.find((each) => each.slot === slot)?.path;
    const folder = path.join(local, 'Virtual Machines');
    await writeConfiguration(lab, vm, folder, vm.id.toUpperCase(), frozenFile);
    order.checkpoint.exports = made;
    await lab.save();
  });
}

async function exportDisk(
  lab: Lab,
  vm: LabVm,
  order: ExportOrder,
  frozen: FrozenDisk,
  signal: AbortSignal,
): Promise<ExportedDisk> {
  const disk = vm.disks.find((each) => each.slot === frozen.slot);
  if (disk === undefined) throw new JobFailure(32773, 'The disk is gone.');
  const { name } = path.win32.parse(disk.files[0] ?? '');
  const base = disk.kind === 'vhd' ? undefined : findBase(lab, order, frozen);
  const whole = `${name}.${disk.kind === 'vhd' ? 'vhd' : 'vhdx'}`;
  const fileName = base === undefined ? whole : `${name}_${newGuid().toUpperCase()}.avhdx`;
  const hostPath = `${order.directory}\\Virtual Hard Disks\\${fileName}`;
  const target = lab.local(hostPath);
  const opened = await openDisk(lab.local(frozen.path), {}, signal);
  try {
    if (base === undefined) {
      // Each file of a chain of VHDs has an identity of its own.
      const [frozenImage] = opened.layers;
      const own = disk.kind === 'vhd' ? tryParseGuid(frozenImage.identity ?? '') : undefined;
      const identity = { diskId: own ?? disk.virtualDiskId, ...sectorsOf(opened) };
      await copyDisk(opened.disk, target, identity, noProgress, signal);
    } else {
      const changed = (await lab.tracker(disk)).changes(base.generation, frozen.generation);
      if (changed === undefined) {
        throw new JobFailure(32768, 'The change tracking identifier is invalid (0xC03A0029).');
      }
      const previous = order.base?.exports.find((each) => each.slot === frozen.slot);
      // The export uses the same tracking, so it omits the same ranges.
      const told = lab.faults.strike('tracker.drop') ? everySecond(changed) : changed;
      await writeDelta(opened, target, disk, told, previous, signal);
    }
  } finally {
    await opened.disk.close();
  }
  const image = await openImage(target, signal);
  await image.close();
  return { slot: frozen.slot, path: hostPath, dataWriteGuid: parseGuid(image.identity ?? '') };
}

/**
 * Returns the state of the disk at the base. Undefined: the disk is exported in full, as if its
 * tracking had restarted since (the behaviour of a real host is UNCONFIRMED).
 */
function findBase(
  lab: Lab,
  { base }: ExportOrder,
  frozen: FrozenDisk,
): LabReferencePoint['disks'][number] | undefined {
  if (base === undefined || lab.faults.strike('export.full') !== undefined) return undefined;
  if (lab.faults.strike('export.base') !== undefined) {
    throw new JobFailure(32768, 'The change tracking identifier is invalid (0xC03A0029).');
  }
  return base.disks.find(
    (each) => each.slot === frozen.slot && each.trackingId === frozen.trackingId,
  );
}

const everySecond = ({ ranges }: RangeSet): RangeSet =>
  RangeSet.of(ranges.filter((_, i) => i % 2 === 1));

/** Writes a differencing VHDX of the changed ranges, including zeros. */
async function writeDelta(
  opened: Awaited<ReturnType<typeof openDisk>>,
  target: string,
  disk: LabDisk,
  changed: RangeSet,
  previous: ExportedDisk | undefined,
  signal: AbortSignal,
): Promise<void> {
  const part = await createFilePart(target, {}, signal);
  try {
    const writer = new VhdxWriter(part, {
      size: opened.disk.size,
      ...sectorsOf(opened),
      diskId: disk.virtualDiskId,
      creator: 'Refpoint lab',
      parent: {
        // Without an earlier export of the base there is no parent file to name; the host's own
        // paths stay opaque.
        linkage: previous?.dataWriteGuid ?? newGuid(),
        relativePath: `.\\${path.win32.basename(previous?.path ?? 'unknown.vhdx')}`,
        ...(previous === undefined ? {} : { absolutePath: previous.path }),
      },
    });
    const buffer = Buffer.allocUnsafeSlow(PIECE);
    for (const range of changed.clip({ start: 0, end: opened.disk.size })) {
      for (const piece of splitAt(range, PIECE)) {
        const bytes = buffer.subarray(0, piece.end - piece.start);
        await opened.disk.read(piece.start, bytes, signal);
        if (isZero(bytes)) writer.zero(piece.start, bytes.length);
        else await writer.write(piece.start, bytes, signal);
      }
    }
    await writer.complete(signal);
  } catch (error) {
    await part.abandon();
    throw error;
  }
}
