/**
 * Shared virtual disks of the lab (MS-RSVD over its file server). Start here: `opens` has what one open
 * knows, `tunnel` the operations, `disk` the VHD Set with its files and snapshots, `scsi` the virtual
 * SCSI disk. May import the lab's files, tracking and the contract of the file server, and nothing of the
 * model. A set is a `.vhds` with only what is known of the format, and real `.avhdx` files; its snapshots
 * are in a sidecar of the lab. Nothing parsed stays in memory after the last close.
 */
import fs from 'node:fs/promises';
import { Semaphore } from '../../base/semaphore.ts';
import { never } from '../../base/abort.ts';
import { isEngineError } from '../../base/errors.ts';
import { HANDLE_STATE, SUPPORT } from '../../net/rsvd/codec/open/support.ts';
import { DEVICE_CONTEXT } from '../../net/rsvd/codec/open/device-context.ts';
import { ORIGINATOR } from '../../net/rsvd/codec/open/device-context.ts';
import { findCreateContext } from '../../net/smb/codec/files/create-context-kinds.ts';
import type { CreateRequest } from '../../net/smb/codec/files/create.ts';
import { ACCESS } from '../../net/smb/codec/protocol/constants.ts';
import { STATUS } from '../../net/smb/status/nt-status.ts';
import type { FaultSwitches } from '../faults.ts';
import type { SharedDiskOpen, SharedDiskServer } from '../smb/contract/shared-disk.ts';
import { StatusError } from '../smb/contract/status-error.ts';
import { sidecarOf } from './disk/set-state.ts';
import { SharedDisk, type SharedDiskSettings } from './disk/shared-disk.ts';
import { DiskEntry } from './opens/disk-entry.ts';
import { answerContext, requestedContext, requestedTarget } from './opens/open-request.ts';
import { SharedOpen, type OpenFacts } from './opens/shared-open.ts';
import { switchesOf, type RsvdSwitches } from './opens/switches.ts';
import { removeSet } from './tunnel/meta-operations.ts';
import { abandonStages } from './tunnel/snapshot-stages.ts';
import { controls, supportAnswer } from './tunnel/tunnel.ts';

export interface SharedDisksOptions {
  readonly faults: FaultSwitches;
  readonly settings: () => SharedDiskSettings;
  /** Whether a share is scale-out. */
  readonly hasScaleOut: () => boolean;
  /** Whether a running VM of the lab has the disk of a local file. */
  readonly usedByGuests: (local: string) => boolean;
}

export class SharedDisks implements SharedDiskServer {
  readonly #options: SharedDisksOptions;
  readonly #switches: RsvdSwitches;
  readonly #entries = new Map<string, { readonly entry: DiskEntry; users: number }>();
  /** Opening and closing take turns. */
  readonly #turn = new Semaphore(1);

  constructor(options: SharedDisksOptions) {
    this.#options = options;
    this.#switches = switchesOf(options.faults);
  }

  /** Number of opens of clients. */
  get openHandles(): number {
    let count = 0;
    for (const { entry } of this.#entries.values()) count += entry.opens.size;
    return count;
  }

  /**
   * MS-RSVD 3.2.3 has one flag for all shares of a server: one of them is scale-out. The switch selects the
   * other reading, in which only a scale-out share has shared disks; what Windows does is UNCONFIRMED.
   */
  isSupported({ scaleOut }: { readonly scaleOut: boolean }): boolean {
    // A tree knows its share as it was when it was entered.
    return this.#options.hasScaleOut() && (scaleOut || !this.#switches.ownShare());
  }

  /**
   * Runs work on a disk as the guests of the lab do, whether a client has it open or not.
   * @param file local path of the `.vhds` or `.vhdx`
   */
  async use<T>(file: string, work: (disk: SharedDisk) => Promise<T>): Promise<T> {
    const entry = await this.#enter(file);
    try {
      return await work(entry.disk);
    } finally {
      await this.#leave(entry);
    }
  }

  /** Makes the files of a disk hold all that was written, if somebody has it open. */
  async settle(file: string): Promise<void> {
    if (this.#entries.has(keyOf(file))) await this.use(file, (disk) => disk.session.flush());
  }

  async open(local: string, request: CreateRequest): Promise<SharedDiskOpen> {
    const version = this.#switches.version();
    const context = requestedContext(request, version);
    const target = requestedTarget(request, version);
    if (this.#switches.writesOnly() && (request.access & ACCESS.writeData) === 0) {
      throw new StatusError(STATUS.accessDenied);
    }
    if (context?.originator === ORIGINATOR.file && this.#isShared(local)) {
      throw new StatusError(STATUS.virtualDiskShared);
    }
    const entry = await this.#enter(local);
    try {
      const snapshot =
        target === undefined ? undefined : await openTarget(entry, target.snapshotId);
      const wanted = this.#switches.target();
      const form = context === undefined ? 'alone' : 'both';
      const facts: OpenFacts = {
        contexts: context === undefined ? [] : [await answerContext(context, entry.disk, version)],
        initiator: context?.hasInitiator === 1 ? context.initiatorId : undefined,
        options: request.options,
        snapshot,
        readable: snapshot === undefined || wanted === 'either' || wanted === form,
      };
      const open = new SharedOpen(entry, facts, {
        switches: this.#switches,
        faults: this.#options.faults,
        controls,
        closed: (each) => this.#closed(each),
      });
      entry.opens.add(open);
      return open;
    } catch (error) {
      await this.#leave(entry);
      throw error;
    }
  }

  checkOrdinary(local: string, request: CreateRequest): void {
    const data = findCreateContext(request.contexts, DEVICE_CONTEXT);
    if (data === undefined || data.length < 32) return;
    const isFile = data.readUInt32LE(28) === ORIGINATOR.file;
    if (isFile && this.#isShared(local)) throw new StatusError(STATUS.virtualDiskShared);
  }

  support(
    local: string | undefined,
    most: number,
    share: { readonly scaleOut: boolean } | undefined,
  ): Buffer {
    const isHere = share !== undefined && this.isSupported(share);
    if (!isHere || this.#switches.ownQueries()) {
      throw new StatusError(STATUS.invalidDeviceRequest);
    }
    if (most < SUPPORT.size) throw new StatusError(STATUS.bufferTooSmall);
    const isShared = local !== undefined && this.#isShared(local);
    return supportAnswer(this.#switches.version(), isShared ? HANDLE_STATE.other : 0);
  }

  #isShared(local: string): boolean {
    if (this.#options.usedByGuests(local)) return true;
    return (this.#entries.get(keyOf(local))?.entry.opens.size ?? 0) > 0;
  }

  async #closed(open: SharedOpen): Promise<void> {
    const { entry, facts } = open;
    if (!entry.opens.delete(open)) return;
    await abandonStages(entry, open);
    if (facts.snapshot !== undefined) await entry.disk.closeSnapshot(facts.snapshot.record.id);
    await this.#leave(entry);
  }

  #enter(file: string): Promise<DiskEntry> {
    return this.#turn.run(async () => {
      const known = this.#entries.get(keyOf(file));
      if (known !== undefined) {
        known.users++;
        return known.entry;
      }
      const disk = await openDisk(file, this.#options.settings());
      const entry = new DiskEntry(disk);
      this.#entries.set(keyOf(file), { entry, users: 1 });
      return entry;
    }, never);
  }

  #leave({ disk, deletes }: DiskEntry): Promise<void> {
    return this.#turn.run(async () => {
      const key = keyOf(disk.file);
      const known = this.#entries.get(key);
      if (known === undefined || --known.users > 0) return;
      this.#entries.delete(key);
      await disk.close();
      if (!deletes) return;
      const names = disk.set?.state.files.map(({ name }) => name) ?? [];
      await removeSet(disk.file, names);
      await fs.rm(sidecarOf(disk.file), { force: true });
    }, never);
  }
}

const keyOf = (file: string): string => file.toLowerCase();

/**
 * Opens a disk, with the statuses of Windows: it makes a missing file before it finds that it is not a
 * disk.
 */
async function openDisk(file: string, settings: SharedDiskSettings): Promise<SharedDisk> {
  try {
    const handle = await fs.open(file, 'a+');
    const { size } = await handle.stat();
    await handle.close();
    if (size === 0) throw new StatusError(STATUS.fileCorrupt);
    return await SharedDisk.open(file, settings);
  } catch (error) {
    if (isEngineError(error)) throw new StatusError(STATUS.fileCorrupt);
    throw error;
  }
}

async function openTarget(entry: DiskEntry, id: string): Promise<OpenFacts['snapshot']> {
  const { disk } = entry;
  if (disk.set === undefined) throw new StatusError(STATUS.invalidDeviceRequest);
  const record = disk.set.state.snapshots.find((each) => each.id === id && each.valid);
  if (record === undefined) throw new StatusError(STATUS.invalidParameter);
  return { record, opened: await disk.openSnapshot(record) };
}
