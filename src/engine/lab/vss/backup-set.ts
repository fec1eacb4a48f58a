/**
 * One backup with shadow copies on the lab's host, as VSS does it for a requestor (reference 3.1):
 * below the lab's diskshadow and its vssapi.dll. A call in the wrong order fails with VSS_E_BAD_STATE.
 * Read the steps in the order of the methods.
 */
import { delay } from '../../base/abort.ts';
import { newGuid, type Guid } from '../../base/guid.ts';
import type { VssComponent, WriterMetadata, WriterStatus } from '../../vss/model.ts';
import type { LabDrive } from '../files/host-paths.ts';
import type { Lab } from '../model/lab.ts';
import type { LabShadow, LabVm } from '../state/state.ts';
import {
  copyVolume,
  finishCopies,
  makeDisks,
  whileFrozen,
  type CopyForm,
} from './frozen-copies.ts';
import { components, drivesOf, WRITER_EXCLUDES } from './hyperv-writer.ts';
import { holdStep, stepCode } from './held-step.ts';
import { createShadow, dropShadows, nextNumber } from './shadow-copies.ts';
import { findVolume } from './volumes.ts';
import { VSS, VssCallError, type VssEvent, type VssStepName } from './vss-fault.ts';
import { FAILED_AT, STABLE, WAITING_FOR_COMPLETE, WRITERS, writerStatuses } from './writers.ts';

/** Settings of a backup. */
export interface BackupMode {
  /** The shadow copies stay until somebody deletes them. */
  readonly persistent: boolean;
  /** No writer takes part. */
  readonly noWriters?: boolean;
  /** Users see the copies as previous versions. */
  readonly clientAccessible?: boolean;
}

/** Labs in which a set is being made: VSS makes one at a time. */
const making = new WeakMap<Lab, BackupSet>();

type Phase = 'open' | 'identified' | 'started' | 'prepared' | 'made' | 'completed' | 'ended';

export class BackupSet {
  readonly #lab: Lab;
  readonly #mode: BackupMode;
  #phase: Phase = 'open';
  #known: readonly VssComponent[] = [];
  /** Names of the components that were added; undefined: all whose files lie in the set. */
  #selected: Set<string> | undefined;
  #id: Guid | undefined;
  readonly #volumes = new Map<LabDrive, LabShadow>();
  readonly #succeeded = new Map<string, boolean>();
  #state: number = STABLE;
  #failure = 0;

  private constructor(lab: Lab, mode: BackupMode) {
    this.#lab = lab;
    this.#mode = mode;
  }

  /** Opens a requestor (InitializeForBackup). */
  static async open(lab: Lab, mode: BackupMode, signal: AbortSignal): Promise<BackupSet> {
    const set = new BackupSet(lab, mode);
    await set.#step('open', signal);
    return set;
  }

  /** Id of the set; undefined before {@link start}. */
  get id(): Guid | undefined {
    return this.#id;
  }

  /** Shadow copies that were made, or will be. */
  get shadows(): readonly LabShadow[] {
    return [...this.#volumes.values()];
  }

  /** Names of the components, and whether they were reported to have been copied. */
  get reported(): ReadonlyMap<string, boolean> {
    return this.#succeeded;
  }

  /** Asks the writers for their metadata (GatherWriterMetadata), and returns that of Hyper-V. */
  async identify(signal: AbortSignal): Promise<WriterMetadata> {
    await this.#step('identify', signal);
    this.#event('identify', 'identify');
    this.#known = components(this.#lab);
    if (this.#phase === 'open') this.#phase = 'identified';
    const { name, id, instance } = WRITERS[1];
    return { writer: id, instance, name, components: this.#known, excludes: WRITER_EXCLUDES };
  }

  /** Selects a component (AddComponent). */
  addComponent(name: string): void {
    this.#require('begin', 'identified');
    if (!this.#known.some((each) => each.name === name)) {
      throw new VssCallError('begin', VSS.notFound);
    }
    (this.#selected ??= new Set()).add(name);
  }

  /** Starts the set (StartSnapshotSet). Fails while another one is being made. */
  async start(signal: AbortSignal): Promise<Guid> {
    this.#require('begin', 'identified');
    await this.#step('begin', signal);
    const other = making.get(this.#lab);
    if ((other !== undefined && other !== this) || this.#strikes('vss.inProgress')) {
      throw new VssCallError('begin', VSS.inProgress);
    }
    making.set(this.#lab, this);
    this.#id = newGuid();
    this.#phase = 'started';
    return this.#id;
  }

  /** Adds a volume (AddToSnapshotSet), and returns the id of its shadow copy. */
  async addVolume(name: string, signal: AbortSignal): Promise<Guid> {
    this.#require('addVolume', 'started');
    await this.#step('addVolume', signal);
    const volume = findVolume(this.#lab, name);
    if (volume === undefined || this.#id === undefined) {
      throw new VssCallError('addVolume', VSS.notFound);
    }
    if (this.#volumes.has(volume.drive)) throw new VssCallError('addVolume', VSS.notSupported);
    const shadow: LabShadow = {
      id: newGuid(),
      set: this.#id,
      number: nextNumber(this.#lab) + this.#volumes.size,
      created: new Date().toISOString(),
      clientAccessible: this.#mode.clientAccessible === true,
      noWriters: this.#mode.noWriters === true,
      volume: volume.drive,
      persistent: this.#mode.persistent,
    };
    this.#volumes.set(volume.drive, shadow);
    return shadow.id;
  }

  /** Prepares the writers (PrepareForBackup). */
  async prepare(signal: AbortSignal): Promise<void> {
    this.#require('prepare', 'started');
    await this.#step('prepare', signal);
    this.#event('prepare', 'prepareBackup');
    this.#phase = 'prepared';
  }

  /** Makes the shadow copies (DoSnapshotSet): the files of all VMs are of one instant. */
  async create(signal: AbortSignal): Promise<readonly LabShadow[]> {
    this.#require('create', 'prepared');
    await this.#step('create', signal);
    const lab = this.#lab;
    const vms = this.components().map(({ name }) => lab.vm(name));
    this.#event('create', 'prepareSnapshot');
    await makeDisks(vms, lab, signal);
    if (this.#strikes('vss.foreign')) await createShadow(lab);
    // The number of a device is free until the copy is made.
    const first = nextNumber(lab);
    const made = this.shadows.map((shadow, i) => ({ ...shadow, number: first + i }));
    try {
      await whileFrozen(lab, () => this.#copy(vms, made, signal), signal);
      if (!this.#mode.persistent) signal.throwIfAborted();
      (lab.state.shadows ??= []).push(...made);
      for (const shadow of made) this.#volumes.set(shadow.volume ?? 'C', shadow);
      await lab.save();
      this.#event('create', 'postSnapshot');
    } catch (error) {
      await dropShadows(lab, made);
      throw error;
    } finally {
      if (making.get(lab) === this) making.delete(lab);
    }
    this.#phase = 'made';
    this.#state = WAITING_FOR_COMPLETE;
    this.#fillUp(made);
    return made;
  }

  async #copy(
    vms: readonly LabVm[],
    made: readonly LabShadow[],
    signal: AbortSignal,
  ): Promise<void> {
    this.#event('create', 'freeze');
    for (const shadow of made) await copyVolume(this.#lab, shadow);
    this.#event('create', 'thaw');
    if (this.#mode.noWriters === true) return;
    const form = this.#lab.faults.strike('vss.autoRecovery');
    const wanted: CopyForm =
      form === undefined ? 'plain' : form.value === 'missing' ? 'missing' : 'autoRecovery';
    await finishCopies(this.#lab, vms, made, wanted, signal);
  }

  /** Returns the components that take part. */
  components(): readonly VssComponent[] {
    if (this.#mode.noWriters === true) return [];
    const drives = new Set(this.#volumes.keys());
    return this.#known.filter((component) => {
      if (component.name === 'Host Component') return false;
      if (this.#selected !== undefined) return this.#selected.has(component.name);
      // Without a selection the writer leaves out what has a file on another volume.
      const needed = [...drivesOf(this.#lab, component)];
      return needed.every((drive) => drives.has(drive));
    });
  }

  /** Returns the state of every writer (GatherWriterStatus). */
  status(): readonly WriterStatus[] {
    return writerStatuses(this.#state, this.#failure);
  }

  /** Records whether the files of a component were copied (SetBackupSucceeded). */
  async report(name: string, succeeded: boolean, signal: AbortSignal): Promise<void> {
    this.#require('report', 'made');
    await this.#step('report', signal);
    if (!this.components().some((each) => each.name === name)) {
      throw new VssCallError('report', VSS.notFound);
    }
    this.#succeeded.set(name, succeeded);
  }

  /** Ends the backup (BackupComplete). */
  async complete(signal: AbortSignal): Promise<void> {
    this.#require('complete', 'made');
    await this.#step('complete', signal);
    this.#event('complete', 'backupComplete');
    this.#state = STABLE;
    this.#phase = 'completed';
  }

  /** Ends a backup that failed (AbortBackup). */
  async abort(): Promise<void> {
    await this.release();
    this.#state = STABLE;
    this.#failure = 0;
  }

  /** Releases the requestor: shadow copies that are not persistent vanish. */
  async release(): Promise<void> {
    if (making.get(this.#lab) === this) making.delete(this.#lab);
    this.#phase = 'ended';
    if (!this.#mode.persistent) await dropShadows(this.#lab, this.shadows);
  }

  async #step(step: VssStepName, signal: AbortSignal): Promise<void> {
    try {
      await holdStep(this.#lab, step, signal);
    } catch (error) {
      if (error instanceof VssCallError && making.get(this.#lab) === this) making.delete(this.#lab);
      throw error;
    }
  }

  /** Sends an event to the Hyper-V writer, which fails if `vss.writer` names it. */
  #event(step: VssStepName, event: VssEvent): void {
    if (this.#mode.noWriters === true) return;
    const hresult = stepCode(this.#lab, 'vss.writer', event);
    if (hresult === undefined) return;
    [this.#state, this.#failure] = [FAILED_AT[event], hresult];
    throw new VssCallError(step, hresult);
  }

  #strikes(fault: 'vss.inProgress' | 'vss.foreign'): boolean {
    return this.#lab.faults.strike(fault) !== undefined;
  }

  /** Removes the copies after the time that the fault `vss.full` gives: their storage is full. */
  #fillUp(made: readonly LabShadow[]): void {
    const after = this.#lab.faults.number('vss.full', 0);
    if (after === undefined) return;
    const { stopping } = this.#lab;
    const drop = async (): Promise<void> => {
      await delay(after, stopping);
      await dropShadows(this.#lab, made);
    };
    this.#lab.inBackground(drop());
  }

  #require(step: VssStepName, phase: Phase): void {
    if (this.#phase !== phase) throw new VssCallError(step, VSS.badState);
  }
}
