import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { ImportNetwork, ImportPlan } from '../../../api/backup.ts';
import type { BackupHost } from '../../host/host.ts';
import type { RemoteFiles } from '../../host/host-files.ts';
import { mappedFiles } from '../../host/mapped-files.ts';
import { freeBytes } from '../../../source/folders/free-bytes.ts';
import { listPoints, type CompletePoint, type PointEntry } from '../../points/catalog.ts';
import { diskChain } from '../../points/point-chain.ts';
import type { Store } from '../../store/contract/store.ts';
import { Findings } from '../findings.ts';
import { bytesOfRestore, choosePoint, targetFile } from '../restore.ts';
import { refuseInsideStore, requireRoom } from '../restore-target.ts';
import {
  FORMAT,
  importFiles,
  refuseExistingFiles,
  refuseTakenName,
  requireRoot,
  requireSwitches,
  type ImportAccess,
} from './import-checks.ts';
import { requireHostFolder, trimmed } from './host-folder.ts';
import { defaultName, switchMap, type ImportOptions } from './import-options.ts';
import { lostParts } from './source/lost-parts.ts';
import { connectedSwitches, importSource, type ImportSource } from './source/import-source.ts';

/** Host and store of a plan. */
interface PlanDeps {
  readonly host: BackupHost;
  readonly store: Store;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Plans a restore as a new VM: asks the host, looks at the folder, opens the images of the point.
 * Writes nothing. A check that fails is a finding of the plan; throws the errors of host and store.
 */
export async function planImport(
  { host, store, now }: PlanDeps,
  options: ImportOptions,
  signal: AbortSignal,
): Promise<ImportPlan> {
  const { pathMap } = options;
  const mapped = mappedFiles(pathMap, (inner) => host.isThisComputer(inner));
  const remote = host.remoteFiles(pathMap);
  try {
    return await planWith({ host, store, now, access: { mapped, remote } }, options, signal);
  } finally {
    await remote.close();
  }
}

async function planWith(
  { host, store, now, access }: PlanDeps & { readonly access: ImportAccess },
  options: ImportOptions,
  signal: AbortSignal,
): Promise<ImportPlan> {
  const points = await listPoints(store, options.vmId, signal);
  const point = choosePoint(points, options.point);
  const { vm, disks } = point.manifest;
  const found = new Findings();
  const source = await found.of(() => importSource(store, point, signal));
  const name = options.as ?? defaultName(vm.name, now());
  await found.of(() => refuseTakenName(host, name, signal));
  const switches = await host.systems.switchNames(signal);
  if (options.connect && source !== undefined) {
    await found.of(() => requireSwitches(host, source, options, signal));
  }
  const place = await found.of(() =>
    placeOf({ host, store, access }, point, source, options, signal),
  );
  const free = await place?.free();
  const folder = trimmed(options.hostFolder);
  const needed = async (sparse: boolean): Promise<number> =>
    bytesOfRestore(store, chainsOf(points, point), { format: FORMAT, sparse }, signal);
  const most = await needed(false);
  if (place !== undefined && free !== undefined && free < most) {
    // Only writing a file tells whether gaps take space there.
    await found.of(async () => requireRoom(place.local, await needed(true), free));
  }
  return {
    computerName: await host.computerName(signal),
    vm: { id: vm.id, name: vm.name },
    point: point.id,
    name,
    from:
      source === undefined ? null : source.configuration.length > 0 ? 'configuration' : 'settings',
    hostFolder: folder,
    folder: place?.local ?? null,
    disks: disks.map((disk) => ({
      number: disk.number,
      path: `${folder}\\${path.basename(targetFile(disk, { to: '/', format: FORMAT }))}`,
      virtualSize: disk.virtualSize,
    })),
    networks: source?.hardware === undefined ? null : networksOf(source, options, switches),
    switches,
    neededBytes: most,
    freeBytes: free ?? null,
    lost: source === undefined ? [] : lostParts(source),
    findings: found.all,
  };
}

const chainsOf = (
  points: readonly PointEntry[],
  point: CompletePoint,
): readonly ReturnType<typeof diskChain>[] =>
  point.manifest.disks.map(({ number }) => diskChain(points, point.id, number));

interface Place {
  readonly local: string;
  /** Returns the free bytes there; undefined if unknown. */
  readonly free: () => Promise<number | undefined>;
}

/** Throws `path.unmapped`, `path.missing`, `restore.inStore` and `restore.exists`. */
async function placeOf(
  { host, store, access }: Pick<PlanDeps, 'host' | 'store'> & { readonly access: ImportAccess },
  point: CompletePoint,
  source: ImportSource | undefined,
  options: ImportOptions,
  signal: AbortSignal,
): Promise<Place> {
  requireHostFolder(options.hostFolder);
  const files = await importFiles(access, point, source ?? { configuration: [] }, options, signal);
  if (files.way === 'remote') {
    await refuseExistingFiles(files, access, signal);
    const free = (): Promise<number> => freeOnServer(files.local, access.remote, signal);
    return { local: files.local, free };
  }
  await requireRoot(host, options, signal);
  await refuseInsideStore(store, files.local);
  await refuseExistingFiles(files, access, signal);
  let existing = path.resolve(files.local);
  while (path.dirname(existing) !== existing && !(await exists(existing))) {
    existing = path.dirname(existing);
  }
  return { local: files.local, free: () => freeBytes(existing) };
}

/** Returns the free bytes at the folder, or the nearest one above it that exists. */
async function freeOnServer(
  folder: string,
  { access, writing }: RemoteFiles,
  signal: AbortSignal,
): Promise<number> {
  let existing = folder;
  while (
    path.win32.dirname(existing) !== existing &&
    (await access.stat(existing, signal)) === undefined
  ) {
    existing = path.win32.dirname(existing);
  }
  return writing.freeBytes(existing, signal);
}

const exists = (file: string): Promise<boolean> =>
  lstat(file).then(
    () => true,
    () => false,
  );

function networksOf(
  { hardware }: ImportSource,
  { connect, switches }: ImportOptions,
  available: readonly string[],
): readonly ImportNetwork[] {
  const mapped = switchMap(switches);
  return connectedSwitches(hardware?.rows ?? []).map((name) => {
    const to = connect ? (mapped.has(name) ? (mapped.get(name) ?? null) : name) : null;
    return { switch: name, to, missing: to !== null && !available.includes(to) };
  });
}
