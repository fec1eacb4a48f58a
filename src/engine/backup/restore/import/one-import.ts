import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { isEngineError } from '../../../base/errors.ts';
import type { Guid } from '../../../base/guid.ts';
import { ensureFolder } from '../../../source/folders/folder.ts';
import { replaceFile } from '../../../source/files/atomic-file.ts';
import type { LedgerKeeper } from '../../context/run-context.ts';
import type { RunFiles } from '../../context/run-files.ts';
import type { OwnImport } from '../../ledger/own-imports.ts';
import { restorePoint, type RestoreResult } from '../restore.ts';
import { giveUpImport } from './give-up-import.ts';
import { trimmed } from './host-folder.ts';
import { CONFIGURATION, FORMAT } from './import-checks.ts';
import { IMPORT_EDGE_WORDS, type ImportEdge } from './import-edges.ts';
import type { ImportedVm, ImportOptions } from './import-options.ts';
import { isPlanned, type ImportDeps, type ImportWork } from './import-work.ts';
import { ImportRecord } from './import-record.ts';
import { lostParts, lostText } from './source/lost-parts.ts';
import { makeVm } from './make-vm.ts';
import { tellOrigin } from './tell-origin.ts';
import { writeRemote } from './write-remote.ts';

/** One restore as a VM, step by step. */
export class Import {
  readonly #deps: ImportDeps;
  readonly #options: ImportOptions;
  readonly #plan: ImportWork;
  readonly #files: RunFiles;
  readonly #keeper: LedgerKeeper;
  readonly #signal: AbortSignal;
  readonly #name: string;
  readonly #folder: string;
  readonly #warnings: { code: string; message: string }[] = [];

  constructor(
    deps: ImportDeps,
    options: ImportOptions,
    plan: ImportWork,
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
      id = await makeVm(this.#making, record, this.#signal);
    } catch (error) {
      const { keep } = this.#options;
      const files = this.#files;
      const done = await giveUpImport(this.#deps, { record, files, keep, cause: error });
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
    return isPlanned(this.#plan);
  }

  get #making(): Parameters<typeof makeVm>[0] {
    return {
      deps: this.#deps,
      options: this.#options,
      plan: this.#plan,
      folder: this.#folder,
      warnings: this.#warnings,
      pass: (edge) => this.#pass(edge),
    };
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
