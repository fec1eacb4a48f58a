import { isEngineError } from '../base/errors.ts';
import type { DiskResult, DiskTask } from './backup-disk.ts';
import type { OpenPoint } from './configuration.ts';
import { diskTasks, fullInstead, type TaskContext } from './disk-tasks.ts';
import type { Edge } from './edges.ts';
import type { Consistency, HostCheckpoint, HostReferencePoint, HostVm } from './host.ts';
import { storeLedger } from './ledger-file.ts';
import {
  withCheckpoint,
  withIntent,
  withoutCheckpoint,
  withReferencePoint,
  type Intent,
} from './ledger.ts';
import { CallInLedger } from './ledger/call-in-ledger.ts';
import type { Lease } from './lease.ts';
import { takeLease } from './lease/take-lease.ts';
import { makeManifest } from './make-manifest.ts';
import type { PointManifest, Reason, SideFile } from './manifest.ts';
import type { BackupOptions } from './options.ts';
import { planBackup, type BackupPlan } from './plan-backup.ts';
import { checkMethods, requireMethod } from './reading-methods.ts';
import { selectDisks } from './select-disks.ts';
import { ExportStage } from './read/export-stage.ts';
import { makeExport } from './read/make-export.ts';
import { lastVerdicts } from './plan/last-verdicts.ts';
import { recover } from './recover.ts';
import type { CleanedItem } from './recovery/recovery-run.ts';
import { destroyOwn } from './run/destroy-own.ts';
import { dropExport } from './run/drop-export.ts';
import { finishPoint } from './run/finish-point.ts';
import { slotNumbers } from './run/slot-numbers.ts';
import { LedgerKeeper, newIntent, pass, type RunDeps, type RunWarning } from './run-context.ts';
import { listPoints, removePoint, reservePoint, type PointEntry } from './store/catalog.ts';
import { exportFolder } from './staged-export.ts';
import { commitPoint } from './store/commit-point.ts';

/** How long taking back may take, when the run itself was cancelled. */
const TAKE_BACK_MS = 60_000;

/** One run: what it holds, made and must take back. Its methods are the stretches between the edges. */
export class BackupRun {
  readonly cleaned: CleanedItem[] = [];
  readonly signal: AbortSignal;
  readonly #deps: RunDeps;
  readonly #options: BackupOptions;
  readonly #lease: Lease;
  readonly #keeper: LedgerKeeper;
  readonly #warnings: RunWarning[] = [];
  readonly #warn = (warning: RunWarning): void => void this.#warnings.push(warning);
  /** What could not be removed: the point is complete nevertheless. */
  readonly #unfinished: RunWarning[] = [];
  readonly #created: string;
  readonly #computerName: string | null;
  #vm: HostVm;
  /** The VM once its checkpoint was made. */
  #after: HostVm | undefined;
  #points: readonly PointEntry[] = [];
  #plan: BackupPlan | undefined;
  #pointId: string | undefined;
  #checkpoint: HostCheckpoint | undefined;
  #achieved: Consistency = 'crash';
  #reference: HostReferencePoint | undefined;
  #exportDirectory: string | undefined;
  #exports: ExportStage | undefined;
  #committed = false;
  #ended = false;

  private constructor(
    deps: RunDeps,
    vm: HostVm,
    options: BackupOptions,
    lease: Lease,
    keeper: LedgerKeeper,
    computerName: string | null,
    signal: AbortSignal,
  ) {
    this.#deps = deps;
    this.#vm = vm;
    this.#options = options;
    this.#lease = lease;
    this.#keeper = keeper;
    this.#computerName = computerName;
    this.#created = new Date(deps.now()).toISOString();
    this.signal = AbortSignal.any([signal, lease.lost]);
  }

  /** Takes the lease. `lease.held` names who has it. */
  static async begin(
    deps: RunDeps,
    vm: HostVm,
    options: BackupOptions,
    jobId: string,
    signal: AbortSignal,
  ): Promise<BackupRun> {
    const lease = await takeLease(deps, vm.id, jobId, signal);
    try {
      await pass(deps, vm.id, 'leased');
      const keeper = await LedgerKeeper.load(storeLedger(deps.store, vm.id), signal, lease);
      const computerName = await deps.host.computerName(signal);
      return new BackupRun(deps, vm, options, lease, keeper, computerName, signal);
    } catch (error) {
      await lease.release();
      throw error;
    }
  }

  get point(): OpenPoint {
    return { vm: this.#vm, id: need(this.#pointId) };
  }

  /** Folder on the host that the export was written to; undefined if there is none. */
  get exportDirectory(): string | undefined {
    return this.#exportDirectory;
  }

  get checkpointId(): string {
    return need(this.#checkpoint).id;
  }

  pass(edge: Edge): Promise<void> {
    return pass(this.#deps, this.#vm.id, edge);
  }

  /** Recovers what an earlier run left. */
  async recover(signal: AbortSignal): Promise<void> {
    const { pathMap } = this.#options;
    const left = await recover(
      this.#deps,
      this.#vm.id,
      this.#keeper,
      { pathMap, dryRun: false },
      signal,
    );
    this.cleaned.push(...left);
    for (const { kind, id, text } of left) {
      if (kind === 'left')
        this.#unfinished.push({ code: 'clean.left', message: `${text} (${id})` });
    }
  }

  /** Keeps warnings of before the run with its point. */
  warn(warnings: readonly RunWarning[]): void {
    this.#warnings.push(...warnings);
  }

  /** Plans, and reserves the point's folder. */
  async prepare(signal: AbortSignal): Promise<void> {
    const { host, store, now } = this.#deps;
    // Recovery may have changed what is on the host.
    this.#vm = await host.findVm(this.#vm.id, signal);
    await this.pass('recovered');
    this.#points = await listPoints(store, this.#vm.id, signal);
    const { disks } = selectDisks(this.#vm, this.#options.excludeDisks);
    const methods = await checkMethods(disks, this.#options, signal);
    this.#plan = planBackup({
      methods,
      vm: this.#vm,
      capabilities: await host.capabilities(signal),
      points: this.#points,
      verdicts: await lastVerdicts(store, this.#vm.id, this.#points, signal),
      ledger: this.#keeper.ledger,
      computerName: this.#computerName,
      options: this.#options,
    });
    this.#warnings.push(...this.#plan.warnings);
    // Before anything is made on the host: a path that is not there ends the run.
    requireMethod(this.#plan.method, methods);
    await this.pass('planned');
    this.#pointId = await reservePoint(store, this.#vm.id, this.#plan.kind, now(), signal);
    await this.pass('reserved');
  }

  /** Freezes the VM's disks; what application consistency fails falls back where that was not asked for. */
  async makeCheckpoint(signal: AbortSignal): Promise<void> {
    const asked = this.#options.consistency;
    const running = this.#vm.state === 'running';
    const first = asked === 'default' ? (running ? 'application' : 'crash') : asked;
    try {
      await this.#checkpointAt(first, signal);
    } catch (error) {
      if (asked !== 'default' || !isEngineError(error, 'host.consistency')) throw error;
      const message = `${error.message}. The point is crash-consistent.`;
      this.#warnings.push({ code: 'consistency.crash', message });
      await this.#checkpointAt('crash', signal);
    }
    if (this.#plan?.method === 'export') await this.#export(signal);
  }

  async #checkpointAt(consistency: Consistency, signal: AbortSignal): Promise<void> {
    const { host } = this.#deps;
    const existing = (await host.listCheckpoints(this.#vm.id, signal)).map((each) => each.id);
    const intent = newIntent(this.#deps, {
      kind: 'checkpoint',
      ...this.#here,
      existing,
      consistency,
    });
    const call = await this.#begin(intent, signal);
    await this.pass('checkpoint.intended');
    const request = { consistency, guestBackup: this.#options.guestBackup };
    try {
      this.#checkpoint = await host.createBackupCheckpoint(this.#vm.id, request, signal, call);
    } catch (error) {
      await call.failed(error);
      throw error;
    }
    await this.pass('checkpoint.made');
    const { id } = this.#checkpoint;
    const own = { id, host: host.url, created: this.#created, kept: false, ...this.#here };
    await this.#keeper.update((ledger) => withCheckpoint(ledger, own, intent.id), signal);
    this.#achieved = consistency;
    await this.pass('checkpoint.recorded');
  }

  async #export(signal: AbortSignal): Promise<void> {
    const pointId = need(this.#pointId);
    const directory = exportFolder(this.#options.exportDirectory ?? '', this.#vm.id, pointId);
    const checkpointId = this.checkpointId;
    const intent = newIntent(this.#deps, {
      kind: 'export',
      ...this.#here,
      existing: [],
      checkpointId,
      directory,
    });
    await this.#keeper.update((ledger) => withIntent(ledger, intent), signal);
    this.#exportDirectory = directory;
    await this.pass('export.intended');
    const { pathMap } = this.#options;
    const order = { vmId: this.#vm.id, checkpointId, directory, pathMap };
    this.#exports = new ExportStage(this.#deps.host, order);
    this.#plan = await makeExport(
      this.#exports,
      need(this.#plan),
      this.#options,
      this.#warn,
      signal,
    );
    await this.pass('exported');
  }

  /** What is to be done with each disk. */
  async diskTasks(signal: AbortSignal): Promise<DiskTask[]> {
    const frozen = await this.#deps.host.checkpointDisks(this.checkpointId, signal);
    this.#after = await this.#deps.host.findVm(this.#vm.id, signal);
    const numbers = await slotNumbers(this.#deps, this.#vm, this.#points, signal);
    const tasks = await diskTasks(this.#taskContext(), numbers, frozen, signal);
    const [first] = tasks;
    if (first !== undefined && tasks.every((task) => task.plan.kind === 'full')) {
      await this.becomeFull(first.plan.reason, signal);
    }
    const pointId = need(this.#pointId);
    return tasks.map((task) => ({ ...task, pointId }));
  }

  /** The task as a full, where `error` is a reason for one; else it is thrown. */
  fullInstead(task: DiskTask, error: unknown): DiskTask {
    return fullInstead(this.#taskContext(), task, error);
  }

  #taskContext(): TaskContext {
    return {
      deps: this.#deps,
      options: this.#options,
      vm: this.#vm,
      after: need(this.#after),
      plan: need(this.#plan),
      points: this.#points,
      pointId: need(this.#pointId),
      exports: this.#exports,
      warn: this.#warn,
    };
  }

  /** A run that set out as an increment and holds none takes a full's id, before anything is in its folder. */
  async becomeFull(reason: Reason, signal: AbortSignal): Promise<void> {
    const plan = need(this.#plan);
    if (plan.kind === 'full') return;
    const { store, now } = this.#deps;
    await removePoint(store, this.#vm.id, need(this.#pointId), signal);
    this.#pointId = await reservePoint(store, this.#vm.id, 'full', now(), signal);
    this.#plan = { ...plan, kind: 'full', reason, parent: null };
  }

  /** The checkpoint becomes the reference point from which the next increment starts. */
  async convert(signal: AbortSignal): Promise<void> {
    const { host } = this.#deps;
    const { referencePoints } = await host.capabilities(signal);
    await this.#lease.assertHeld(signal);
    const checkpointId = this.checkpointId;
    if (!referencePoints) return this.#destroyCheckpoint(checkpointId, signal);
    const existing = (await host.listReferencePoints(this.#vm.id, signal)).map((each) => each.id);
    const intent = newIntent(this.#deps, {
      kind: 'referencePoint',
      ...this.#here,
      existing,
      checkpointId,
      disks: need(this.#plan).disks.map(({ disk }) => disk.locationId),
    });
    const call = await this.#begin(intent, signal);
    await this.pass('convert.intended');
    try {
      this.#reference = await host.convertToReferencePoint(this.#vm.id, checkpointId, signal, call);
    } catch (error) {
      await call.failed(error);
      throw error;
    }
    this.#checkpoint = undefined;
    await this.pass('converted');
    const { id } = this.#reference;
    const created = new Date(this.#deps.now()).toISOString();
    const own = { id, host: host.url, created, ...this.#here };
    await this.#keeper.update((ledger) => withReferencePoint(ledger, own, intent.id), signal);
    await this.pass('reference-point.recorded');
  }

  /** What the host is asked to make is of this host, for this point. */
  get #here(): { readonly computerName: string | null; readonly pointId: string } {
    return { computerName: this.#computerName, pointId: need(this.#pointId) };
  }

  #begin(intent: Intent, signal: AbortSignal): Promise<CallInLedger> {
    return CallInLedger.begin(this.#keeper, intent, this.#deps.now, signal);
  }

  /** Where there are no reference points. All data is read by now, so a checkpoint that stays for a while is a warning. */
  async #destroyCheckpoint(checkpointId: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#deps.host.destroyCheckpoint(checkpointId, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!isEngineError(error)) throw error;
      const message = `The checkpoint ${checkpointId} could not be destroyed; the next run or clean tries again: ${error.message}`;
      this.#unfinished.push({ code: error.code, message });
      return;
    }
    await this.#keeper.update((ledger) => withoutCheckpoint(ledger, checkpointId), signal);
    this.#checkpoint = undefined;
  }

  /** From here on the point exists. */
  async commit(
    results: readonly DiskResult[],
    configFiles: readonly SideFile[],
    signal: AbortSignal,
  ): Promise<PointManifest> {
    const manifest = makeManifest({
      id: need(this.#pointId),
      storeId: this.#deps.store.id,
      vm: this.#vm,
      host: this.#deps.host.url,
      computerName: this.#computerName,
      created: this.#created,
      finished: new Date(this.#deps.now()).toISOString(),
      asked: this.#options.consistency,
      achieved: this.#achieved,
      plan: need(this.#plan),
      reference: this.#reference,
      results,
      configFiles,
      warnings: this.#warnings,
      checkMode: this.#options.checkTracker,
    });
    await this.#lease.assertHeld(signal);
    await commitPoint(this.#deps.store, manifest, signal);
    this.#committed = true;
    await this.pass('committed');
    return manifest;
  }

  /** Takes away what the new point replaces. Returns what could not be done now. */
  async finish(signal: AbortSignal): Promise<readonly RunWarning[]> {
    await finishPoint(
      {
        deps: this.#deps,
        vm: this.#vm,
        pointId: need(this.#pointId),
        referenceId: this.#reference?.id,
        computerName: this.#computerName,
        lease: this.#lease,
        keeper: this.#keeper,
        removeExport: (limit) => this.#removeExport(limit),
        warn: (warning) => void this.#unfinished.push(warning),
      },
      signal,
    );
    return this.#unfinished;
  }

  /** After a failure: what was made and is not committed goes again, as far as host and store can be reached. */
  async takeBack(): Promise<void> {
    const signal = AbortSignal.timeout(TAKE_BACK_MS);
    // Without the lease, or without the store, only what this run made and knows by its id is its own.
    if (this.#lease.lost.aborted)
      return destroyOwn(this.#deps, this.#vm.id, this.#checkpoint, signal);
    try {
      if (this.#committed) return await this.#removeExport(signal);
      await this.#lease.assertHeld(signal);
      const { store } = this.#deps;
      // First, since it needs no host, and makes room where the store was full. What stays is recovered below, or later.
      if (this.#pointId !== undefined) {
        await removePoint(store, this.#vm.id, this.#pointId, signal).catch(() => undefined);
      }
      const { pathMap } = this.#options;
      await recover(this.#deps, this.#vm.id, this.#keeper, { pathMap, dryRun: false }, signal);
    } catch (error) {
      // The next run, or clean, recovers it from the ledger.
      const message = `What the run left could not be taken back now: ${(error as Error).message}`;
      this.#deps.log({ level: 'warn', area: 'backup', message });
      await destroyOwn(this.#deps, this.#vm.id, this.#checkpoint, signal);
    }
  }

  /** Releases the lease, once. */
  async end(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await this.#lease.release();
    if (this.#committed) await this.pass('released');
  }

  #removeExport(signal: AbortSignal): Promise<void> {
    const { pathMap } = this.#options;
    const staged = { directory: this.#exportDirectory, vmId: this.#vm.id, pathMap };
    return dropExport({ deps: this.#deps, keeper: this.#keeper, ...staged }, signal);
  }
}

function need<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('The steps of a run are out of order');
  return value;
}
