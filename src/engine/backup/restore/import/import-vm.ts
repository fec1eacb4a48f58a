import { LedgerKeeper } from '../../context/run-context.ts';
import { RunFiles } from '../../context/run-files.ts';
import { tellOfWait } from '../../context/take-lease.ts';
import type { BackupHost } from '../../host/host.ts';
import { mappedFiles } from '../../host/mapped-files.ts';
import { storeLedger, withLease } from '../../ledger/ledger-file.ts';
import { listPoints, type CompletePoint } from '../../points/catalog.ts';
import { choosePoint } from '../restore.ts';
import {
  importFiles,
  refuseExistingFiles,
  refuseTakenName,
  requireRoot,
  requireSwitches,
  type ImportFiles,
} from './import-checks.ts';
import { requireHostFolder } from './host-folder.ts';
import { defaultName, type ImportedVm, type ImportOptions } from './import-options.ts';
import { importSource, type ImportSource } from './source/import-source.ts';
import type { ImportDeps } from './import-work.ts';
import { Import } from './one-import.ts';

/**
 * Restores a point as a new VM: writes its disks into a folder of the host and proves them, has the
 * host make a VM of the kept configuration or settings, gives it the disks and a name, has it
 * validated, and realizes it. A failure removes what was made, unless `keep` is set; what an
 * interruption leaves is in the ledger, and `clean` removes it. Holds the lease of the VM that was
 * backed up. Throws `import.*`, `restore.*`, `path.*`, `lease.held` and errors of the host.
 */
export async function importVm(
  deps: ImportDeps,
  options: ImportOptions,
  signal: AbortSignal,
): Promise<ImportedVm> {
  const { store, host, now } = deps;
  const { pathMap } = options;
  requireHostFolder(options.hostFolder);
  const points = await listPoints(store, options.vmId, signal);
  const point = choosePoint(points, options.point);
  const source = await importSource(store, point, signal);
  if (options.connect) await requireSwitches(host, source, options, signal);
  const plan = await filesOf(host, point, source, options, signal);
  const name = options.as ?? defaultName(point.manifest.vm.name, now());
  await refuseTakenName(host, name, signal);
  const file = storeLedger(store, options.vmId);
  return withLease(
    store,
    options.vmId,
    'restore',
    async (held, lease) => {
      const keeper = await LedgerKeeper.load(file, held, lease);
      // Its sessions at file servers are in the ledger, so that a later run can end them.
      const files = new RunFiles(host, pathMap, keeper, now);
      try {
        const all = { points, point, source, name, ...plan };
        return await new Import(deps, options, all, files, keeper, held).run();
      } finally {
        await files.close();
      }
    },
    signal,
    tellOfWait(deps),
  );
}

/** Returns the files that will be written. Throws `path.*`, and `restore.exists` if one of them exists. */
async function filesOf(
  host: BackupHost,
  point: CompletePoint,
  source: ImportSource,
  options: ImportOptions,
  signal: AbortSignal,
): Promise<ImportFiles> {
  const mapped = mappedFiles(options.pathMap, (inner) => host.isThisComputer(inner));
  const remote = host.remoteFiles(options.pathMap);
  try {
    const files = await importFiles({ mapped, remote }, point, source, options, signal);
    if (files.way === 'mapped') await requireRoot(host, options, signal);
    await refuseExistingFiles(files, { remote }, signal);
    return files;
  } finally {
    await remote.close();
  }
}
