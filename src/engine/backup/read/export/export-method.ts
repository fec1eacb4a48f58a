/**
 * `export`: Hyper-V writes the disks, or their changes, to a folder of the host that a path map
 * makes available here.
 */
import { EngineError, isEngineError } from '../../../base/errors.ts';
import { backupError } from '../../errors/backup-errors.ts';
import type { HostFiles } from '../../host/host-files.ts';
import { frozenFiles } from '../frozen/frozen-files.ts';
import type {
  CheckAround,
  DiskReader,
  MethodCheck,
  ReadMethod,
  ReadOrder,
} from '../contract/method.ts';
import { openExportedDelta, openPlace } from '../source/host-disk-source.ts';
import { filesOfExports } from './export-files.ts';
import { ExportStage } from './export-stage.ts';
import { exportFolder } from './staged-export.ts';

export const EXPORT_METHOD: ReadMethod = {
  id: 'export',
  possible: 'The folder for exports is accessible from this machine.',
  check: (_disks, around, signal) => checkFolder(around, signal),
  staging: ({ exportDirectory }, vmId, pointId) =>
    exportFolder(exportDirectory ?? '', vmId, pointId),
  begin: async (order, signal) => {
    const { exportDirectory } = order.options;
    const { files, problem } = await filesOfExports(exportDirectory ?? '', order.files, signal);
    if (files === null) throw problem;
    const stage = stageOf(order, files);
    const refused = await makeExport(stage, order, signal);
    return { reader: readerOf(stage, order, files), refused };
  },
};

async function checkFolder(around: CheckAround, signal: AbortSignal): Promise<MethodCheck> {
  const { exportDirectory } = around.options;
  if (exportDirectory === null) {
    const problem = backupError(
      'plan.method',
      'The method export needs a folder on the host for exports',
      { data: { found: 'export' } },
    );
    return { method: 'export', problem, folders: [] };
  }
  const { problem } = await filesOfExports(exportDirectory, around, signal);
  const folders = problem === null ? [] : [exportDirectory];
  return { method: 'export', problem, folders };
}

function stageOf({ host, vmId, checkpointId, staging }: ReadOrder, files: HostFiles): ExportStage {
  if (staging === null) throw new Error('an export without a folder');
  return new ExportStage(host, { vmId, checkpointId, directory: staging, files });
}

/**
 * Has the host export the disks. If the host refuses to export the changes, exports the disks in
 * full and returns the refusal.
 */
async function makeExport(
  stage: ExportStage,
  order: ReadOrder,
  signal: AbortSignal,
): Promise<EngineError | null> {
  if (order.since === null || !(await isDifferential(order, signal))) {
    await stage.exportFull(signal);
    return null;
  }
  try {
    await stage.exportChanges(order.since, signal);
    return null;
  } catch (error) {
    if (!isEngineError(error, 'export.refused') || order.mustBeChanges) throw error;
    await stage.exportFull(signal);
    return error;
  }
}

/**
 * Returns whether to request an export of the changes. One export covers all disks: if any of them
 * is a full, all are exported in full, and increments take only the changed ranges. The same
 * applies if every unchanged part is to be checked and the frozen files cannot be reached by the
 * path map.
 */
async function isDifferential(
  { disks, options, files }: ReadOrder,
  signal: AbortSignal,
): Promise<boolean> {
  if (!disks.every(({ kind }) => kind === 'incr')) return false;
  if (options.checkTracker !== 'full') return true;
  for (const { disk } of disks) {
    const isMapped = await files.mapped.pathOf(disk.path, signal).then(
      () => true,
      () => false,
    );
    if (!isMapped) return false;
  }
  return true;
}

function readerOf(stage: ExportStage, order: ReadOrder, files: HostFiles): DiskReader {
  return {
    // The export flattened the disk into one file.
    openWhole: async (disk, signal) =>
      openPlace(await stage.wholeOf(disk, signal), disk, files, [], signal),
    openFrozen: frozenFiles(order, order.files.mapped),
    openChanges: stage.differential
      ? async (disk, signal) =>
          openExportedDelta(await stage.changesOf(disk, signal), disk, files, signal)
      : undefined,
  };
}
