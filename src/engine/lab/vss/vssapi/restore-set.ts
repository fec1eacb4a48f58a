/**
 * One restore with the Hyper-V writer on the lab's host (reference 3.2): the writer deletes the selected VMs at PreRestore and registers
 * them from their files at PostRestore. Below the lab's vssapi.dll.
 */
import type { WriterMetadata, WriterStatus } from '../../../vss/model.ts';
import type { Lab } from '../../model/lab.ts';
import { setState, STATE } from '../../model/vm-state.ts';
import type { LabVm } from '../../state/state.ts';
import { destroySystem, importSystem, realizeSystem } from '../../systems/planned-systems.ts';
import { readComponents, type RecordedComponent } from './documents.ts';
import { components, configurationFiles, WRITER_EXCLUDES } from '../hyperv-writer.ts';
import { holdStep, stepCode } from '../held-step.ts';
import { VSS, VssCallError, type VssEvent, type VssStepName } from '../vss-fault.ts';
import { FAILED_AT, STABLE, WRITERS, writerStatuses } from '../writers.ts';

/** VSS_RS_ALL */
const ALL = 2;

/** A component of the document, and how its restore went. */
export interface RestoredComponent extends RecordedComponent {
  readonly selected: boolean;
  readonly preRestoreFailure: string | null;
  readonly postRestoreFailure: string | null;
}

type Phase = 'open' | 'preRestored' | 'postRestored';

export class RestoreSet {
  readonly #lab: Lab;
  readonly #components: Map<string, RestoredComponent>;
  readonly #statuses = new Map<string, number>();
  #phase: Phase = 'open';
  #state: number = STABLE;
  #failure = 0;

  private constructor(lab: Lab, recorded: readonly RecordedComponent[]) {
    this.#lab = lab;
    this.#components = new Map(
      recorded.map((each) => [
        each.name,
        { ...each, selected: false, preRestoreFailure: null, postRestoreFailure: null },
      ]),
    );
  }

  /** Opens a requestor with a components document (InitializeForRestore). */
  static async open(lab: Lab, document: string, signal: AbortSignal): Promise<RestoreSet> {
    await holdStep(lab, 'open', signal);
    const recorded = readComponents(document);
    if (recorded === undefined) throw new VssCallError('open', VSS.invalidDocument);
    return new RestoreSet(lab, recorded);
  }

  get components(): readonly RestoredComponent[] {
    return [...this.#components.values()];
  }

  /** Returns the metadata of the Hyper-V writer (GatherWriterMetadata). */
  async identify(signal: AbortSignal): Promise<WriterMetadata> {
    await holdStep(this.#lab, 'identify', signal);
    const { name, id, instance } = WRITERS[1];
    const known = components(this.#lab);
    return { writer: id, instance, name, components: known, excludes: WRITER_EXCLUDES };
  }

  /** Selects a component of the document (SetSelectedForRestore). */
  select(name: string, selected: boolean): void {
    const found = this.#components.get(name);
    if (found === undefined || this.#phase !== 'open') {
      throw new VssCallError('begin', found === undefined ? VSS.notFound : VSS.badState);
    }
    this.#components.set(name, { ...found, selected });
  }

  /** Turns off and deletes the selected VMs; their disks' files stay (PreRestore). */
  async preRestore(signal: AbortSignal): Promise<void> {
    if (this.#phase !== 'open') throw new VssCallError('preRestore', VSS.badState);
    await holdStep(this.#lab, 'preRestore', signal);
    this.#event('preRestore', 'preRestore');
    for (const { name } of this.#selected()) {
      const vm = this.#vmOf(name);
      if (vm === undefined) continue;
      if (vm.enabledState === STATE.running) await setState(this.#lab, vm, STATE.off);
      await destroySystem(this.#lab, vm);
    }
    this.#phase = 'preRestored';
  }

  /** Records whether the files of a component were restored (SetFileRestoreStatus). */
  setStatus(name: string, status: number): void {
    if (this.#components.get(name)?.selected !== true) {
      throw new VssCallError('report', VSS.notFound);
    }
    this.#statuses.set(name, status);
  }

  /** Registers the restored VMs from their files (PostRestore). */
  async postRestore(signal: AbortSignal): Promise<void> {
    if (this.#phase !== 'preRestored') throw new VssCallError('postRestore', VSS.badState);
    await holdStep(this.#lab, 'postRestore', signal);
    this.#event('postRestore', 'postRestore');
    for (const { name } of this.#selected()) {
      const problem =
        this.#statuses.get(name) === ALL
          ? await this.#register(name)
          : 'The files were not restored.';
      if (problem === null) continue;
      [this.#state, this.#failure] = [FAILED_AT.postRestore, VSS.writerFailed];
      const found = this.#components.get(name);
      if (found !== undefined) {
        this.#components.set(name, { ...found, postRestoreFailure: problem });
      }
    }
    this.#phase = 'postRestored';
  }

  /** Returns the state of every writer (GatherWriterStatus). */
  status(): readonly WriterStatus[] {
    return writerStatuses(this.#state, this.#failure);
  }

  #selected(): readonly RestoredComponent[] {
    return this.components.filter(({ selected }) => selected);
  }

  #vmOf(name: string): LabVm | undefined {
    return this.#lab.vms.find(({ id }) => id === name.toLowerCase());
  }

  /** Returns the problem that keeps a VM from being registered. */
  async #register(name: string): Promise<string | null> {
    const id = name.toLowerCase() as LabVm['id'];
    const [configuration = ''] = configurationFiles(this.#lab, { id } as LabVm);
    try {
      const vm = await importSystem(this.#lab, configuration, false);
      try {
        await realizeSystem(this.#lab, vm);
      } catch (error) {
        await destroySystem(this.#lab, vm);
        throw error;
      }
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  #event(step: VssStepName, event: VssEvent): void {
    const hresult = stepCode(this.#lab, 'vss.writer', event);
    if (hresult === undefined) return;
    [this.#state, this.#failure] = [FAILED_AT[event], hresult];
    throw new VssCallError(step, hresult);
  }
}
