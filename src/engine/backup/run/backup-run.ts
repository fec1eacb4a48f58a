import { isEngineError } from '../../base/errors.ts';
import type { Guid } from '../../base/guid.ts';
import type { DiskResult, DiskTask } from './backup-disk.ts';
import type { OpenPoint } from './configuration.ts';
import { diskTasks, fullInstead, type TaskContext } from './disk-tasks.ts';
import type { Edge } from '../context/edges.ts';
import type {
  Consistency,
  FrozenDisks,
  HostCapabilities,
  HostCheckpoint,
  HostReferencePoint,
  HostVm,
} from '../host/host.ts';
import { storeLedger } from '../ledger/ledger-file.ts';
import {
  withCheckpoint,
  withIntent,
  withoutCheckpoint,
  withReferencePoint,
  type Intent,
} from '../ledger/ledger.ts';
import { CallInLedger } from '../context/call-in-ledger.ts';
import type { Lease } from '../lease/lease.ts';
import { takeLease } from '../context/take-lease.ts';
import { makeManifest } from './make-manifest.ts';
import type { PointManifest, Reason, SideFile } from '../manifest/manifest.ts';
import type { BackupOptions } from '../host/options.ts';
import { planBackup, type BackupPlan } from '../plan/plan-backup.ts';
import { checkMethods, requireMethod } from '../read/reading-methods.ts';
import { selectDisks } from '../select/select-disks.ts';
import { ExportStage } from '../read/export/export-stage.ts';
import { makeExport } from './make-export.ts';
import { lastVerdicts } from '../plan/last-verdicts.ts';
import { recover } from '../recovery/recover.ts';
import type { CleanedItem } from '../recovery/recovery-run.ts';
import { dropExport } from './drop-export.ts';
import { finishPoint } from './finish-point.ts';
import { slotNumbers } from './slot-numbers.ts';
import { takeBack } from './take-back.ts';
import {
  LedgerKeeper,
  newIntent,
  pass,
  type RunDeps,
  type RunWarning,
} from '../context/run-context.ts';
import { listPoints, removePoint, reservePoint, type PointEntry } from '../points/catalog.ts';
import { exportFolder } from '../read/export/staged-export.ts';
import { commitPoint } from '../points/commit-point.ts';

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
  readonly #vmId: Guid;
  #capabilities: HostCapabilities | undefined;
  /** The VM as it was once the host was tidy: what may change after that is asked again where it matters. */
  #vm: HostVm | undefined;
  /** The VM after the checkpoint was made: its frozen files and the files that it writes to now. */
  #disks: FrozenDisks | undefined;
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
    vmId: Guid,
    options: BackupOptions,
    lease: Lease,
    keeper: LedgerKeeper,
    computerName: string | null,
    signal: AbortSignal,
  ) {
    this.#deps = deps;
    this.#vmId = vmId;
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
    vmId: Guid,
    options: BackupOptions,
    jobId: string,
    signal: AbortSignal,
  ): Promise<BackupRun> {
    const lease = await takeLease(deps, vmId, jobId, signal);
    try {
      await pass(deps, vmId, 'leased');
      const keeper = await LedgerKeeper.load(storeLedger(deps.store, vmId), signal, lease);
      const computerName = await deps.host.computerName(signal);
      return new BackupRun(deps, vmId, options, lease, keeper, computerName, signal);
    } catch (error) {
      await lease.release();
      throw error;
    }
  }

  get point(): OpenPoint {
    return { vm: need(this.#vm), id: need(this.#pointId) };
  }

  /** Folder on the host that the export was written to; undefined if there is none. */
  get exportDirectory(): string | undefined {
    return this.#exportDirectory;
  }

  get checkpointId(): string {
    return need(this.#checkpoint).id;
  }

  pass(edge: Edge): Promise<void> {
    return pass(this.#deps, this.#vmId, edge);
  }

  /** Recovers what an earlier run left. */
  async recover(signal: AbortSignal): Promise<void> {
    const { pathMap } = this.#options;
    const left = await recover(
      this.#deps,
      this.#vmId,
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

  /** Asks the host about the VM; recovery may have changed it. Returns whether the host has merged its disks. */
  async look(signal: AbortSignal): Promise<boolean> {
    const { host } = this.#deps;
    await host.ensureMerging(this.#vmId, signal);
    this.#vm = await host.findVm(this.#vmId, signal);
    return this.#vm.merged;
  }

  /** Plans, and reserves the point's folder. */
  async prepare(signal: AbortSignal): Promise<void> {
    const { host, store, now } = this.#deps;
    const vm = need(this.#vm);
    await this.pass('recovered');
    this.#points = await listPoints(store, this.#vmId, signal);
    const { disks } = selectDisks(vm, this.#options.excludeDisks);
    const methods = await checkMethods(disks, this.#options, signal);
    this.#capabilities = await host.capabilities(signal);
    this.#plan = planBackup({
      methods,
      vm,
      capabilities: this.#capabilities,
      points: this.#points,
      verdicts: await lastVerdicts(store, this.#vmId, this.#points, signal),
      ledger: this.#keeper.ledger,
      computerName: this.#computerName,
      options: this.#options,
    });
    this.#warnings.push(...this.#plan.warnings);
    // Before anything is made on the host: a path that is not there ends the run.
    requireMethod(this.#plan.method, methods);
    await this.pass('planned');
    this.#pointId = await reservePoint(store, this.#vmId, this.#plan.kind, now(), signal);
    await this.pass('reserved');
  }

  /** Freezes the VM's disks; what application consistency fails falls back where that was not asked for. */
  async makeCheckpoint(signal: AbortSignal): Promise<void> {
    const asked = this.#options.consistency;
    const running = need(this.#vm).state === 'running';
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
    const existing = (await host.listCheckpoints(this.#vmId, signal)).map((each) => each.id);
    const known = { capabilities: need(this.#capabilities), checkpoints: existing };
    const intent = newIntent(this.#deps, {
      kind: 'checkpoint',
      ...this.#here,
      existing,
      consistency,
    });
    const call = this.#call(intent, 'checkpoint.intended', signal);
    const request = { consistency, guestBackup: this.#options.guestBackup, known };
    try {
      this.#checkpoint = await host.createBackupCheckpoint(this.#vmId, request, signal, call);
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
    const directory = exportFolder(this.#options.exportDirectory ?? '', this.#vmId, pointId);
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
    const order = { vmId: this.#vmId, checkpointId, directory, pathMap };
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
    this.#disks = await this.#deps.host.frozenDisks(this.#vmId, this.checkpointId, signal);
    const numbers = await slotNumbers(this.#deps, need(this.#vm), this.#points, signal);
    const tasks = await diskTasks(this.#taskContext(), numbers, signal);
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
      vm: need(this.#vm),
      disks: need(this.#disks),
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
    await removePoint(store, this.#vmId, need(this.#pointId), signal);
    this.#pointId = await reservePoint(store, this.#vmId, 'full', now(), signal);
    this.#plan = { ...plan, kind: 'full', reason, parent: null };
  }

  /** The checkpoint becomes the reference point from which the next increment starts. */
  async convert(signal: AbortSignal): Promise<void> {
    const { host } = this.#deps;
    const { referencePoints } = need(this.#capabilities);
    await this.#lease.assertHeld(signal);
    const checkpointId = this.checkpointId;
    if (!referencePoints) return this.#destroyCheckpoint(checkpointId, signal);
    const existing = (await host.listReferencePoints(this.#vmId, signal)).map((each) => each.id);
    const intent = newIntent(this.#deps, {
      kind: 'referencePoint',
      ...this.#here,
      existing,
      checkpointId,
      disks: need(this.#plan).disks.map(({ disk }) => disk.locationId),
    });
    const call = this.#call(intent, 'convert.intended', signal);
    try {
      this.#reference = await host.convertToReferencePoint(
        this.#vmId,
        checkpointId,
        signal,
        call,
        existing,
      );
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

  #call(intent: Intent, edge: Edge, signal: AbortSignal): CallInLedger {
    return new CallInLedger(this.#keeper, intent, this.#deps.now, signal, () => this.pass(edge));
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
      vm: need(this.#vm),
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
        vm: need(this.#vm),
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
    await takeBack({
      deps: this.#deps,
      vmId: this.#vmId,
      lease: this.#lease,
      keeper: this.#keeper,
      pathMap: this.#options.pathMap,
      committed: this.#committed,
      pointId: this.#pointId,
      checkpoint: this.#checkpoint,
      removeExport: (signal) => this.#removeExport(signal),
    });
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
    const staged = { directory: this.#exportDirectory, vmId: this.#vmId, pathMap };
    return dropExport({ deps: this.#deps, keeper: this.#keeper, ...staged }, signal);
  }
}

function need<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('The steps of a run are out of order');
  return value;
}
