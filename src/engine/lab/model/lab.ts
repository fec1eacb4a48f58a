import path from 'node:path';
import { delay, never } from '../../base/abort.ts';
import { newGuid, tryParseGuid, type Guid } from '../../base/guid.ts';
import { Semaphore } from '../../base/semaphore.ts';
import { FaultSwitches } from '../faults.ts';
import { labError } from '../lab-errors.ts';
import { DiskTracker } from '../rct/disk-tracker.ts';
import { HeldFiles } from '../files/held-files.ts';
import { FileShares } from '../files/file-shares.ts';
import { SharedDisks } from '../rsvd/shared-disks.ts';
import { HostPaths } from '../files/host-paths.ts';
import { AttachedFiles } from './attached-files.ts';
import { JobFailure, JobTable } from './jobs.ts';
import { loadState, saveState } from '../state/state-file.ts';
import type { LabDisk, LabState, LabVm } from '../state/state.ts';

/** Operation of a VM; the number is its second OperationalStatus. */
export const OPERATION = {
  creatingSnapshot: 32768,
  applyingSnapshot: 32769,
  deletingSnapshot: 32770,
  merging: 32772,
  exporting: 32773,
} as const;

/** Milliseconds between two checks whether a held job may begin. */
const HOLD_POLL = 50;

export interface LabOptions {
  /** Milliseconds between the states of a job. */
  readonly jobDelay: number;
  /** Replaces the effect of the fault `host.crash`, which kills the process. */
  readonly crash?: (() => never) | undefined;
}

/**
 * An opened lab: its state, the locks of its VMs, its trackers, jobs and faults. Only one process
 * has a lab open (lab-lock.ts). Operations are functions in other files that take the lab as their
 * first argument.
 */
export class Lab {
  readonly folder: string;
  readonly state: LabState;
  readonly paths: HostPaths;
  readonly held: HeldFiles;
  /** Openers of the host's files: VMs, merges, and clients of the file server. */
  readonly shares = new FileShares();
  readonly #attached = new AttachedFiles(this);
  readonly faults = new FaultSwitches();
  /** Ends the host as a loss of power does: nothing more is saved. */
  readonly crash: () => void;
  readonly jobs: JobTable;
  /** OperationalStatus[1] of busy VMs. */
  readonly operations = new Map<Guid, number>();
  /** VMs with a running merge, not just a queued one: only that shows in their status. */
  readonly merging = new Set<Guid>();
  /** Queries for changes that were answered with a job. */
  readonly startedChanges = new Set<string>();
  /** Time until which the host restarts, in milliseconds of the epoch. */
  rebootsUntil = 0;
  /** Enumerations began before the host restarted. */
  contextsLost = false;
  readonly #locks = new Map<Guid, Semaphore>();
  readonly #trackers = new Map<Guid, Promise<DiskTracker>>();
  readonly #background = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  /** Shared disks that guests or clients of the file server have open. */
  readonly sharedDisks: SharedDisks;
  /** VMs by GUID; rebuilt on demand after a change. */
  #owners: ReadonlyMap<string, LabVm> | undefined;
  /** Whether VMs run: only while the lab is served. */
  #serving = false;

  private constructor(folder: string, state: LabState, options: LabOptions) {
    this.folder = folder;
    this.state = state;
    this.paths = new HostPaths(folder);
    this.held = new HeldFiles(this.paths, folder);
    this.sharedDisks = new SharedDisks({
      faults: this.faults,
      settings: () => ({
        granularity: this.state.rctGranularity,
        toHost: (local) => this.paths.toHostPath(local),
      }),
      usedByGuests: (local) => this.#isShared(local),
      hasScaleOut: () => this.state.smb?.shares.some(({ scaleOut }) => scaleOut) ?? false,
    });
    this.crash = options.crash ?? (() => process.kill(process.pid, 'SIGKILL'));
    this.jobs = new JobTable(
      () => options.jobDelay + (this.faults.number('job.slow', 5000) ?? 0),
      async () => {
        while (this.faults.strike('job.hold') !== undefined) {
          await delay(HOLD_POLL, this.#stopping.signal);
        }
        const code = this.faults.number('job.fail', 32768);
        if (code !== undefined)
          throw new JobFailure(code, 'The job failed: a fault was asked for.');
      },
      (text) => this.paths.toHostText(text),
    );
  }

  /** Opens or creates the lab of a folder. The caller holds the folder's lock. */
  static async open(folder: string, options: LabOptions, signal: AbortSignal): Promise<Lab> {
    const lab = new Lab(folder, await loadState(folder, signal), options);
    await lab.held.recover();
    return lab;
  }

  /** Fires when the lab closes. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  /** VMs of this host, without planned ones and without those that moved to another node. */
  get vms(): readonly LabVm[] {
    const { vms } = this.state;
    return vms.some(isElsewhere) || vms.some(isPlanned)
      ? vms.filter((vm) => !isElsewhere(vm) && !isPlanned(vm))
      : vms;
  }

  /** The same with planned VMs. */
  get systems(): readonly LabVm[] {
    const { vms } = this.state;
    return vms.some(isElsewhere) ? vms.filter((vm) => !isElsewhere(vm)) : vms;
  }

  /** Returns the VM with this GUID, or with a checkpoint or reference point of it. */
  ownerOf(id: string): LabVm | undefined {
    this.#owners ??= ownersOf(this.state.vms);
    const owner = this.#owners.get(id.toLowerCase());
    return owner?.movedTo === undefined ? owner : undefined;
  }

  /** Finds a VM by GUID, or by name if it is unique. */
  vm(nameOrId: string): LabVm {
    const id = tryParseGuid(nameOrId);
    const found = this.state.vms.filter((vm) =>
      isPlanned(vm) ? false : id === undefined ? vm.name === nameOrId : vm.id === id,
    );
    const [vm] = found;
    if (vm === undefined) {
      throw labError('lab.vm.notFound', `The lab has no VM “${nameOrId}”`, {
        data: { found: nameOrId, expected: this.state.vms.map((each) => each.name) },
      });
    }
    if (found.length > 1) {
      throw labError(
        'lab.vm.ambiguous',
        `${found.length} VMs are named “${nameOrId}”: give the ID`,
        {
          data: { found: nameOrId, ids: found.map((each) => each.id) },
        },
      );
    }
    return vm;
  }

  /** Returns a disk of a VM by its number in the order of slots. */
  disk(vm: LabVm, number: number): LabDisk {
    const disk = vm.disks[number];
    if (disk === undefined) {
      throw labError(
        'lab.disk.notFound',
        `${vm.name} has no disk ${number}; it has ${vm.disks.length}`,
        {
          data: { found: number, expected: vm.disks.length },
        },
      );
    }
    return disk;
  }

  /**
   * Runs `task` with exclusive access to a VM's disks: guest writes, checkpoints and merges take
   * turns.
   */
  exclusively<T>(vm: LabVm, task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    let lock = this.#locks.get(vm.id);
    if (lock === undefined) {
      lock = new Semaphore(1);
      this.#locks.set(vm.id, lock);
    }
    return lock.run(task, signal);
  }

  /** Starts the VMs: from now on other programs cannot open their active files. */
  async serve(): Promise<void> {
    this.#serving = true;
    await this.#settle();
  }

  /** Holds what running VMs have open, and releases the rest. */
  async #settle(): Promise<void> {
    this.#attached.settle(this.#serving);
    await this.held.settle(this.#activeFiles());
  }

  /** Returns the active files of running VMs; a paused VM keeps its files open too. */
  #activeFiles(): readonly string[] {
    if (!this.#serving) return [];
    return this.state.vms
      .filter(({ enabledState }) => enabledState === 2 || enabledState === 9)
      .flatMap(({ disks }) =>
        disks.flatMap(({ files, unmade, kind }) =>
          // Others may open a shared disk, but not as a file.
          unmade === true || kind === 'shared' ? [] : files.slice(-1),
        ),
      );
  }

  /** Whether a running VM has a shared disk. */
  #isShared(local: string): boolean {
    return this.vms.some(
      ({ enabledState, disks }) =>
        (enabledState === 2 || enabledState === 9) &&
        disks.some(
          ({ kind, files }) => kind === 'shared' && this.paths.toLocal(files[0] ?? '') === local,
        ),
    );
  }

  /** Returns the local path of a host path that the lab created, wherever the file is now. */
  local(hostPath: string): string {
    const local = this.held.real(hostPath);
    if (local === undefined) {
      throw labError('lab.argument', `${hostPath} is not a path of this host`, {
        data: { found: hostPath },
      });
    }
    return local;
  }

  tracker(disk: Pick<LabDisk, 'trackingId'>): Promise<DiskTracker> {
    let tracker = this.#trackers.get(disk.trackingId);
    if (tracker === undefined) {
      const folder = path.join(this.folder, 'rct');
      tracker = DiskTracker.open(folder, disk.trackingId, this.state.rctGranularity);
      this.#trackers.set(disk.trackingId, tracker);
    }
    return tracker;
  }

  /** Writes a disk's change tracking and forgets it, before its files go elsewhere. */
  async closeTracking(disk: LabDisk): Promise<void> {
    const tracker = this.#trackers.get(disk.trackingId);
    this.#trackers.delete(disk.trackingId);
    if (tracker !== undefined) await (await tracker).save(never);
  }

  /** Restarts a disk's change tracking: earlier IDs become unknown. */
  async resetTracking(disk: Pick<LabDisk, 'trackingId'>): Promise<void> {
    await (await this.tracker(disk)).discard();
    this.#trackers.delete(disk.trackingId);
    disk.trackingId = newGuid();
  }

  /** Writes the state; every change of it ends with this. */
  async save(): Promise<void> {
    this.#owners = undefined;
    await this.#settle();
    await saveState(this.folder, this.state, never);
  }

  /** Leaves work running in the background; closing waits for it. */
  inBackground(work: Promise<void>): void {
    const tracked = work.catch(() => undefined).finally(() => this.#background.delete(tracked));
    this.#background.add(tracked);
  }

  /** Stops jobs and merges and saves everything. */
  async close(): Promise<void> {
    this.#stopping.abort(new Error('The lab is closing'));
    await this.jobs.close();
    await Promise.all(this.#background);
    for (const tracker of this.#trackers.values()) await (await tracker).save(never);
    this.#serving = false;
    await this.save();
  }
}

const isElsewhere = ({ movedTo }: LabVm): boolean => movedTo !== undefined;
const isPlanned = ({ planned }: LabVm): boolean => planned === true;

/** Maps the GUIDs of VMs, of their checkpoints and of their reference points to the VMs. */
function ownersOf(vms: readonly LabVm[]): Map<string, LabVm> {
  const owners = new Map<string, LabVm>();
  for (const vm of vms) {
    owners.set(vm.id, vm);
    for (const { id } of vm.checkpoints) owners.set(id, vm);
    for (const { instanceId } of vm.referencePoints) {
      const own = /[0-9a-f-]{36}$/i.exec(instanceId)?.[0];
      if (own !== undefined) owners.set(own.toLowerCase(), vm);
    }
  }
  return owners;
}
