/**
 * `export`: Hyper-V writes the disks, or their changes, to a folder of the host that a path map
 * makes available here.
 */
import type { PathMapping } from '../../../api/host.ts';
import { EngineError, isEngineError } from '../../../base/errors.ts';
import { backupError } from '../../errors/backup-errors.ts';
import { hostFolder, toLocalPath } from '../../host/path-map.ts';
import { frozenFiles } from '../frozen/frozen-files.ts';
import { problemOfPath } from '../contract/look-at-path.ts';
import type {
  DiskReader,
  MethodCheck,
  ReadMethod,
  ReadOptions,
  ReadOrder,
} from '../contract/method.ts';
import { openExportedDelta, openFrozenDisk } from '../source/host-disk-source.ts';
import { ExportStage } from './export-stage.ts';
import { exportFolder } from './staged-export.ts';

export const EXPORT_METHOD: ReadMethod = {
  id: 'export',
  possible: 'The folder for exports is accessible from this machine.',
  check: (_disks, options, signal) => checkFolder(options, signal),
  staging: ({ exportDirectory }, vmId, pointId) =>
    exportFolder(exportDirectory ?? '', vmId, pointId),
  begin: async (order, signal) => {
    const stage = stageOf(order);
    const refused = await makeExport(stage, order, signal);
    return { reader: readerOf(stage, order), refused };
  },
};

async function checkFolder(
  { exportDirectory, pathMap }: ReadOptions,
  signal: AbortSignal,
): Promise<MethodCheck> {
  if (exportDirectory === null) {
    const problem = backupError(
      'plan.method',
      'The method export needs a folder on the host for exports',
      { data: { found: 'export' } },
    );
    return { method: 'export', problem, folders: [] };
  }
  // The host creates the folder itself; the map may cover only its parent.
  const problem =
    (await problemOfPath(exportDirectory, pathMap, signal)) === null
      ? null
      : await problemOfPath(hostFolder(exportDirectory), pathMap, signal);
  return { method: 'export', problem, folders: problem === null ? [] : [exportDirectory] };
}

function stageOf({ host, vmId, checkpointId, staging, options }: ReadOrder): ExportStage {
  if (staging === null) throw new Error('an export without a folder');
  return new ExportStage(host, {
    vmId,
    checkpointId,
    directory: staging,
    pathMap: options.pathMap,
  });
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
  if (order.since === null || !isDifferential(order)) {
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
function isDifferential({ disks, options }: ReadOrder): boolean {
  if (!disks.every(({ kind }) => kind === 'incr')) return false;
  return (
    options.checkTracker !== 'full' ||
    disks.every(({ disk }) => isMapped(disk.path, options.pathMap))
  );
}

function isMapped(hostPath: string, pathMap: readonly PathMapping[]): boolean {
  try {
    toLocalPath(hostPath, pathMap);
    return true;
  } catch {
    return false;
  }
}

function readerOf(stage: ExportStage, order: ReadOrder): DiskReader {
  return {
    // The export flattened the disk into one file, which has its own local path.
    openWhole: async (disk, signal) => {
      const local = await stage.wholeOf(disk, signal);
      return openFrozenDisk({ ...disk, path: local }, [{ host: local, local }], signal);
    },
    openFrozen: frozenFiles(order),
    openChanges: stage.differential
      ? async (disk, signal) => openExportedDelta(await stage.changesOf(disk), disk, signal)
      : undefined,
  };
}
