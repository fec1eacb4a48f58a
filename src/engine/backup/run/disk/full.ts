import { chooseBlockSize } from '../../../disk/vhdx/structures/block-size.ts';
import { VhdxWriter } from '../../../disk/vhdx/write/vhdx-writer.ts';
import type { RunDeps } from '../../context/run-context.ts';
import { HASHES_V2 } from '../../hashes/hash-format.ts';
import { HashTreeWriter } from '../../hashes/hash-tree-writer.ts';
import { copyDisk } from '../../images/copy-disk.ts';
import { fullSource } from '../../read/source/host-disk-source.ts';
import { imageShape } from '../../read/source/image-shape.ts';
import type { RoomClaim, RoomOfRun } from '../../room/room-of-run.ts';
import { pointFolder } from '../../store/contract/layout.ts';
import { recordOf } from './disk-record.ts';
import type { DiskResult, DiskTask } from '../record/disk-task.ts';
import { abandon, createParts, fileNames } from './new-files.ts';

/** Backs up the whole disk into the point's folder. Throws `store.space`. */
export async function backupFull(
  deps: RunDeps,
  task: DiskTask,
  room: RoomOfRun,
  signal: AbortSignal,
): Promise<DiskResult> {
  const source = await fullSource(await task.openWhole(signal), signal);
  let claim: RoomClaim | undefined;
  let kept = false;
  try {
    const files = fileNames(task, 'vhdx');
    deps.progress.phase(`Disk ${task.number}: full`, source.bytes, source.size);
    const shape = imageShape(task.frozen, source, chooseBlockSize);
    const format = HASHES_V2;
    const planned = { source, shape, format, kind: 'full', changesBytes: 0 } as const;
    claim = await room.claim(planned, signal);
    const { warnings } = claim;
    const folder = pointFolder(task.vmId, task.pointId);
    const parts = await createParts(deps, folder, files, signal);
    const hashes = HashTreeWriter.begin(parts.hashes, source.size, format, null);
    try {
      const writer = new VhdxWriter(parts.image, shape);
      const copied = await copyDisk(source, writer, hashes, null, deps.progress, signal);
      const image = await writer.complete(signal);
      const tree = await hashes.finish(signal);
      const hashUnit = hashes.shape.format.unit;
      kept = true;
      const result = { image, hashUnit, tree, files, source, copied };
      return { record: recordOf(task, 'full', result, null), warnings, check: null };
    } catch (error) {
      await abandon(parts);
      throw error;
    }
  } finally {
    claim?.release(kept);
    await source.close();
  }
}
