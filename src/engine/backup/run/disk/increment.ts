import type { DiskCheck } from '../../manifest/manifest.ts';
import { isEngineError } from '../../../base/errors.ts';
import { incrementBlockSize } from '../../../disk/vhdx/structures/block-size.ts';
import type { NewImageParent } from '../../../disk/vhdx/structures/image/image-head.ts';
import { VhdxWriter } from '../../../disk/vhdx/write/vhdx-writer.ts';
import type { RunDeps } from '../../context/run-context.ts';
import { backupError } from '../../errors/backup-errors.ts';
import { HashTreeWriter } from '../../hashes/hash-tree-writer.ts';
import { copyDisk } from '../../images/copy-disk.ts';
import { openStoredDisk, parentDamage, type StoredDisk } from '../../images/stored-disk.ts';
import { parentLinkOf } from '../../points/parent-link.ts';
import { changedSource, type HostDiskSource } from '../../read/source/host-disk-source.ts';
import { imageShape } from '../../read/source/image-shape.ts';
import type { RoomClaim, RoomOfRun } from '../../room/room-of-run.ts';
import { diskDifference } from '../../select/same-disk.ts';
import { pointFolder } from '../../store/contract/layout.ts';
import { recordOf } from './disk-record.ts';
import type { DiskResult, DiskTask } from '../record/disk-task.ts';
import { abandon, createParts, dropFiles, fileNames } from './new-files.ts';
import { checkUnchanged } from './unchanged-parts.ts';

/**
 * Backs up the changes. On failure, leaves no file in the point's folder. Throws `disk.changed`,
 * `parent.damaged`, `store.space`.
 */
export async function backupIncrement(
  deps: RunDeps,
  task: DiskTask,
  room: RoomOfRun,
  signal: AbortSignal,
): Promise<DiskResult> {
  const { delta } = task;
  if (delta === undefined) throw new Error('An increment reads an export or named ranges');
  const changes = 'open' in delta ? undefined : delta;
  const source =
    'open' in delta
      ? await delta.open(signal)
      : changedSource(await task.openWhole(signal), delta.tiled.ranges);
  let claim: RoomClaim | undefined;
  let kept = false;
  try {
    requireSameDisk(task, source);
    const base = await openParent(deps, task, signal);
    try {
      const files = fileNames(task, 'avhdx');
      const folder = pointFolder(task.vmId, task.pointId);
      deps.progress.phase(`Disk ${task.number}: increment`, source.bytes, source.size);
      const shape = imageShape(task.frozen, source, incrementBlockSize);
      const { format } = base.hashes.shape;
      const changesBytes = changes?.log.size ?? 0;
      const planned = { source, shape, format, kind: 'incr', changesBytes } as const;
      claim = await room.claim(planned, signal);
      const tight = claim.warnings;
      const parts = await createParts(deps, folder, files, signal);
      const hashes = HashTreeWriter.begin(parts.hashes, source.size, format, base.hashes);
      try {
        const writer = new VhdxWriter(parts.image, { ...shape, parent: parentLink(task) });
        const copied = await copyDisk(source, writer, hashes, base, deps.progress, signal);
        const image = await writer.complete(signal);
        const tree = await hashes.finish(signal);
        const changesFile =
          (await changes?.log.save(deps.store, folder, files.changes, signal)) ?? null;
        const hashUnit = hashes.shape.format.unit;
        const result = { image, hashUnit, tree, files, source, copied };
        const record = recordOf(task, 'incr', result, changesFile);
        const checked = await checkUnchanged(deps, task, source, record, signal);
        if (checked.check !== null) logChecked(deps, task, checked.check);
        const warnings = [...tight, ...(changes?.tiled.warnings ?? []), ...checked.warnings];
        kept = true;
        return { record, warnings, check: checked.check };
      } catch (error) {
        await abandon(parts);
        await dropFiles(deps, folder, files);
        // Unchanged pages of the tree come from the parent.
        const ofParent = isEngineError(error, 'hashes.damaged');
        throw ofParent ? parentDamage(error, task.plan.base?.point ?? '') : error;
      }
    } finally {
      await base.close();
    }
  } finally {
    claim?.release(kept);
    await source.close();
  }
}

/**
 * Checks, before reading, that the opened disk is the one in the parent in the store. Throws
 * `disk.changed`.
 */
function requireSameDisk({ plan }: DiskTask, { facts }: HostDiskSource): void {
  if (plan.base === null) return;
  const found = diskDifference(plan.disk.slot, plan.base.record, facts);
  if (found === undefined) return;
  throw backupError('disk.changed', found.text, {
    data: { ...found.evidence, reason: found.code },
  });
}

/** Opens the parent. Throws `parent.damaged` if it cannot be read any more. */
async function openParent(deps: RunDeps, task: DiskTask, signal: AbortSignal): Promise<StoredDisk> {
  try {
    return await openStoredDisk(deps.store, task.parents, signal);
  } catch (error) {
    throw parentDamage(error, task.plan.base?.point ?? '');
  }
}

/** Returns the contents of the increment's parent locator. */
function parentLink(task: DiskTask): NewImageParent {
  const [parent] = task.parents;
  if (parent === undefined) throw new Error('An increment has a parent');
  return parentLinkOf(parent);
}

function logChecked({ log }: RunDeps, { number }: DiskTask, check: DiskCheck): void {
  const { checkedCells, candidateCells } = check;
  const what = `${checkedCells} of ${candidateCells} unchanged parts`;
  const message = `Disk ${number}: ${what} were read again; each is as the tracker reported`;
  log({ level: 'info', area: 'backup', message });
}
