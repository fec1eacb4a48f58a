import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { isEngineError } from '../../../base/errors.ts';
import type { Guid } from '../../../base/guid.ts';
import type { Log } from '../../../base/log.ts';
import type { Progress } from '../../../base/progress.ts';
import { ensureFolder } from '../../../source/folders/folder.ts';
import { replaceFile } from '../../../source/files/atomic-file.ts';
import { LedgerKeeper } from '../../context/run-context.ts';
import { tellOfWait } from '../../context/take-lease.ts';
import { backupError } from '../../errors/backup-errors.ts';
import { RunFiles } from '../../context/run-files.ts';
import type { BackupHost } from '../../host/host.ts';
import { mappedFiles } from '../../host/mapped-files.ts';
import type { SwitchMap } from '../../host/system-host.ts';
import { storeLedger, withLease } from '../../ledger/ledger-file.ts';
import type { OwnImport } from '../../ledger/own-imports.ts';
import { listPoints, type CompletePoint, type PointEntry } from '../../points/catalog.ts';
import type { Store } from '../../store/contract/store.ts';
import { choosePoint, restorePoint, type RestoreResult } from '../restore.ts';
import {
  CONFIGURATION,
  FORMAT,
  importFiles,
  refuseExistingFiles,
  refuseTakenName,
  requireRoot,
  requireSwitches,
  trimmed,
  type ImportFiles,
} from './import-checks.ts';
import { IMPORT_EDGE_WORDS, type ImportEdge, type OnImportEdge } from './import-edges.ts';
import { defaultName, switchMap, type ImportedVm, type ImportOptions } from './import-options.ts';
import { ImportRecord } from './import-record.ts';
import { importSource, type ImportSource } from './import-source.ts';
import { lostParts, lostText } from './lost-parts.ts';
import { tellOrigin } from './tell-origin.ts';
import { undoImport } from './undo-import.ts';
import { writeRemote } from './write-remote.ts';

export interface ImportDeps {
  readonly host: BackupHost;
  readonly store: Store;
  readonly progress: Progress;
  readonly log: Log;
  readonly onEdge: OnImportEdge;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Time limit for removing what a failed import left, also if it was cancelled. */
const UNDO_MS = 120_000;

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

interface Plan extends ImportFiles {
  readonly points: readonly PointEntry[];
  readonly point: CompletePoint;
  readonly source: ImportSource;
  /** Name of the new VM. */
  readonly name: string;
}

/** One restore as a VM, step by step. */
class Import {
  readonly #deps: ImportDeps;
  readonly #options: ImportOptions;
  readonly #plan: Plan;
  readonly #files: RunFiles;
  readonly #keeper: LedgerKeeper;
  readonly #signal: AbortSignal;
  readonly #name: string;
  readonly #folder: string;
  readonly #warnings: { code: string; message: string }[] = [];

  constructor(
    deps: ImportDeps,
    options: ImportOptions,
    plan: Plan,
    files: RunFiles,
    keeper: LedgerKeeper,
    signal: AbortSignal,
  ) {
    this.#deps = deps;
    this.#options = options;
    this.#plan = plan;
    this.#files = files;
    this.#keeper = keeper;
    this.#signal = signal;
    this.#name = plan.name;
    this.#folder = trimmed(options.hostFolder);
  }

  async run(): Promise<ImportedVm> {
    const record = await this.#begin();
    let disks: RestoreResult['disks'];
    let id: Guid;
    try {
      await record.change();
      await this.#pass('import.recorded');
      ({ disks } = await this.#write(record.own.id));
      await this.#pass('import.written');
      id = await this.#make(record);
    } catch (error) {
      const done = await this.#undo(record, error);
      if (done === undefined) throw error;
      // The host realized the VM and its answer was lost.
      id = done;
      disks = this.#plan.point.manifest.disks.map((disk) => ({ ...disk, file: '' }));
    }
    for (const lost of lostParts(this.#plan.source)) {
      this.#warnings.push({ code: `import.${lost.code}`, message: lostText(lost) });
    }
    await this.#tellOrigin(id);
    await record.remove();
    await this.#pass('import.finished');
    const started = await this.#start(id);
    return {
      id,
      name: this.#name,
      point: this.#plan.point.id,
      from: this.#isPlanned ? 'configuration' : 'settings',
      folder: this.#folder,
      disks: disks.map(({ number, virtualSize, hashRoot }, at) => {
        return { number, path: this.#plan.disks[at]?.path ?? '', virtualSize, hashRoot };
      }),
      started,
      warnings: this.#warnings,
    };
  }

  get #isPlanned(): boolean {
    return this.#plan.source.configuration.length > 0;
  }

  /** Returns the record of this import; writes nothing. */
  async #begin(): Promise<ImportRecord> {
    const { host, now } = this.#deps;
    const { point, files } = this.#plan;
    const name = this.#isPlanned ? point.manifest.vm.name : this.#name;
    const own: OwnImport = {
      id: randomUUID(),
      time: new Date(now()).toISOString(),
      host: host.url,
      computerName: await host.computerName(this.#signal),
      pointId: point.id,
      planned: this.#isPlanned,
      name,
      folder: this.#folder,
      files,
      existing: await host.systems.systemsNamed(this.#isPlanned, name, this.#signal),
      asked: null,
      job: null,
      system: null,
      complete: false,
    };
    return new ImportRecord(this.#keeper, own, now, this.#signal);
  }

  async #write(id: string): Promise<RestoreResult> {
    const { store, progress } = this.#deps;
    const { point, way, local, source } = this.#plan;
    if (way === 'remote') {
      const { remote } = this.#files;
      const all = { id, ...this.#plan };
      const written = await writeRemote(store, all, remote, progress, this.#signal);
      this.#warnings.push(...written.warnings);
      return written;
    }
    const { vmId } = this.#options;
    const options = { vmId, point: point.id, disks: [], to: local, format: FORMAT, force: false };
    const restored = await restorePoint(store, options, progress, this.#signal);
    this.#warnings.push(...restored.warnings);
    if (source.configuration.length > 0) await ensureFolder(path.join(local, CONFIGURATION));
    for (const { name, bytes } of source.configuration) {
      await replaceFile(path.join(local, CONFIGURATION, name), bytes, this.#signal);
    }
    return restored;
  }

  /** Makes the VM, from the call to the host until it is complete. */
  async #make(record: ImportRecord): Promise<Guid> {
    const { systems } = this.#deps.host;
    this.#deps.progress.phase('Making the VM on the host', 0);
    await this.#pass('import.asked');
    const id = this.#isPlanned ? await this.#import(record) : await this.#define(record);
    await record.change({ system: id });
    await this.#pass('import.made');
    if (this.#isPlanned) await this.#changePlanned(id);
    else await this.#build(id);
    await this.#pass('import.changed');
    if (this.#isPlanned) {
      refuse(await this.#validated(id));
      await this.#pass('import.validated');
    }
    await record.change({ complete: true });
    if (this.#isPlanned) await systems.realize(id, this.#signal);
    await this.#pass('import.realized');
    return id;
  }

  #import(record: ImportRecord): Promise<Guid> {
    const [vmcx] = this.#plan.source.configuration;
    const { name, existing } = record.own;
    const from = { file: `${this.#folder}\\${CONFIGURATION}\\${vmcx?.name ?? ''}`, name, existing };
    return this.#deps.host.systems.importSystem(from, this.#signal, record);
  }

  #define(record: ImportRecord): Promise<Guid> {
    const system = this.#plan.source.hardware?.system ?? {};
    const generation = String(system['VirtualSystemSubType']).endsWith('SubType:1') ? 1 : 2;
    const vm = { name: this.#name, generation, folder: this.#folder };
    const { existing } = record.own;
    return this.#deps.host.systems.defineSystem(vm, existing, this.#signal, record);
  }

  async #changePlanned(id: Guid): Promise<void> {
    const { systems } = this.#deps.host;
    const removed = await systems.setDisks(id, this.#plan.disks, this.#signal);
    if (removed.length > 0) {
      this.#warnings.push({
        code: 'import.disks',
        message: `The point does not contain the disks at ${removed.join(', ')}: the new VM does not have them`,
      });
    }
    await systems.nameSystem(id, this.#name, this.#folder, this.#signal);
    await systems.setNetworks(id, this.#switches, this.#signal);
  }

  async #build(id: Guid): Promise<void> {
    const { hardware = { system: {}, rows: [] } } = this.#plan.source;
    const definition = { ...hardware, disks: this.#plan.disks, switches: this.#switches };
    await this.#deps.host.systems.buildSystem(id, definition, this.#signal);
  }

  get #switches(): SwitchMap | undefined {
    return this.#options.connect ? switchMap(this.#options.switches) : undefined;
  }

  /** Returns the findings of the host, whether its job failed or ended with warnings. */
  async #validated(id: Guid): Promise<readonly string[]> {
    try {
      return await this.#deps.host.systems.validate(id, this.#signal);
    } catch (error) {
      if (!isEngineError(error, 'host.job.failed')) throw error;
      const texts = error.data['texts'];
      const found = Array.isArray(texts) ? texts.filter((each) => each !== '').map(String) : [];
      return found.length > 0 ? found : [error.message];
    }
  }

  /**
   * Removes what was made. Returns the ID of the VM if the host had completed it, whatever failed
   * afterwards. Never throws: what cannot be removed now stays in the ledger.
   */
  async #undo(record: ImportRecord, cause: unknown): Promise<Guid | undefined> {
    const { host, log } = this.#deps;
    const limit = AbortSignal.timeout(UNDO_MS);
    const warn = (message: string): void => log({ level: 'warn', area: 'restore', message });
    try {
      const { system, planned, complete } = record.own;
      const isDone =
        system !== null &&
        complete &&
        (!planned || isReal((await host.systems.systemState(system, limit)).state));
      if (isDone) return system;
      // A file that somebody else wrote meanwhile is not ours to remove.
      const isOthers = isEngineError(cause, 'restore.exists');
      if (this.#options.keep || isOthers) {
        await record.remove();
        if (!isOthers) warn(`What was made was kept: ${this.#folder} on the host`);
        return undefined;
      }
      const undone = await undoImport(host, record.own, this.#files, true, limit);
      const { outcome } = undone;
      if (outcome === 'complete') return undone.system;
      if (outcome === 'removed') await record.remove();
      else warn(`The unfinished VM was not removed (${outcome}); the next cleanup removes it`);
    } catch (error) {
      warn(
        `The unfinished VM could not be removed; the next cleanup removes it: ${(error as Error).message}`,
      );
    }
    return undefined;
  }

  /** Records the name of the new VM, and in its ledger of which point it was made; a failure changes nothing. */
  async #tellOrigin(id: Guid): Promise<void> {
    const { store, log, host, now } = this.#deps;
    const origin = { vmId: this.#options.vmId, pointId: this.#plan.point.id };
    try {
      const seen = new Date(now()).toISOString();
      const named = { id, name: this.#name, host: host.url, seen, diskNumbers: [] };
      await tellOrigin(store, id, origin, this.#signal, { version: 1, ...named });
    } catch (error) {
      const message = `The origin of the VM was not recorded: ${(error as Error).message}`;
      log({ level: 'warn', area: 'restore', message });
    }
  }

  /** Starts the VM if that was asked for; a VM that does not start is complete nevertheless. */
  async #start(id: Guid): Promise<boolean> {
    if (!this.#options.start) return false;
    try {
      await this.#deps.host.systems.startSystem(id, this.#signal);
      return true;
    } catch (error) {
      if (!isEngineError(error)) throw error;
      const message = `The VM was restored but did not start: ${error.message}`;
      this.#warnings.push({ code: error.code, message });
      return false;
    }
  }

  async #pass(edge: ImportEdge): Promise<void> {
    const data = { edge };
    this.#deps.log({ level: 'info', area: 'restore', message: IMPORT_EDGE_WORDS[edge], data });
    await this.#deps.onEdge(edge);
  }
}

const isReal = (state: string): boolean => state === 'stopped' || state === 'started';

/** Throws `import.invalid` if the host found something. */
function refuse(findings: readonly string[]): void {
  if (findings.length === 0) return;
  throw backupError('import.invalid', `The host cannot realize the VM: ${findings.join('; ')}`, {
    data: { findings },
  });
}
