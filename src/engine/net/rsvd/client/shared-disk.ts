/**
 * The client of RSVD (MS-RSVD over SMB 3.0.2 or newer). Start here. A backup needs three things of it:
 * `snapshots` lists the VM snapshots of a VHD Set, `openSnapshot` opens one as a source of bytes, and
 * `queryChanges` asks once for what changed between two of them, for `tileChanges` of `backup/changes`.
 * The rest is for people who debug shared disks. `handle` has one open and its tunnel, `disk` the
 * operations, `codec` the structures.
 */
import { newGuid, type Guid } from '../../../base/guid.ts';
import { isEngineError } from '../../../base/errors.ts';
import type { StartLength } from '../../../base/range.ts';
import type { ByteSource } from '../../../source/byte-source.ts';
import type { SmbLink } from '../../smb/client/link/smb-link.ts';
import type { SmbTree } from '../../smb/client/session/smb-tree.ts';
import { STATUS } from '../../smb/status/nt-status.ts';
import type { QueriedChanges } from '../codec/changes/query-changes.ts';
import type { SUPPORT } from '../codec/open/support.ts';
import { rsvdError } from '../contract/rsvd-errors.ts';
import type { Buffer } from 'node:buffer';
import {
  checkConnection,
  readFacts,
  safeSize,
  validateDisk,
  type DiskFacts,
} from './disk/disk-facts.ts';
import {
  applySnapshot,
  convertToSet,
  createSnapshot,
  extractSnapshot,
  noMetaProgress,
  optimizeSet,
  resizeDisk,
  type ExtractOptions,
  type NewSize,
  type OnProgress,
} from './disk/meta-operations.ts';
import { sendCommand, type ScsiCommand } from './disk/scsi-command.ts';
import { unmappedParts } from './disk/unmapped-parts.ts';
import {
  deleteSnapshot,
  findSnapshot,
  listSnapshots,
  needsOptimizing,
  type Snapshot,
} from './disk/snapshots.ts';
import {
  queryChanges,
  readLogTracking,
  startLogTracking,
  stopLogTracking,
  type ChangeQuery,
  type LogTracking,
} from './disk/tracking.ts';
import { readDisk } from './handle/read-disk.ts';
import type { RsvdHandle } from './handle/rsvd-handle.ts';
import { ReopenedHandle } from './reopened-handle.ts';
import { SharedSource } from './shared-source.ts';

export interface SharedDiskOptions {
  /** Name of this computer, as the server shows it. */
  readonly hostName?: string;
}

/** Bytes with which it is tried whether a snapshot can be read. */
const PROBE = 4096;
const MAX_HOST_NAME = 63;

/** A shared VHDX or a VHD Set of a file server. Paths of files are relative to the share. */
export class SharedDisk {
  /** UNC path of the file. */
  readonly path: string;
  readonly facts: DiskFacts;
  readonly #link: SmbLink;
  readonly #share: string;
  readonly #name: string;
  readonly #initiatorId: Guid;
  readonly #hostName: string;
  readonly #handle: ReopenedHandle;

  private constructor(
    place: { readonly link: SmbLink; readonly share: string; readonly name: string },
    own: { readonly initiatorId: Guid; readonly hostName: string; readonly handle: ReopenedHandle },
    facts: DiskFacts,
  ) {
    this.#link = place.link;
    this.#share = place.share;
    this.#name = place.name;
    this.path = `\\\\${place.link.host}\\${place.share}\\${place.name}`;
    this.#initiatorId = own.initiatorId;
    this.#hostName = own.hostName;
    this.#handle = own.handle;
    this.facts = facts;
  }

  /**
   * Opens a disk: with the context of version 2, then of version 1. Throws `smb.notFound` for a missing
   * file, `rsvd.unsupported` for a server or a share without shared disks, `rsvd.kind`, `rsvd.busy`,
   * `smb.denied`.
   */
  static async open(
    link: SmbLink,
    share: string,
    name: string,
    options: SharedDiskOptions,
    signal: AbortSignal,
  ): Promise<SharedDisk> {
    const initiatorId = newGuid();
    const hostName = (options.hostName ?? 'refpoint').slice(0, MAX_HOST_NAME);
    const handle = new ReopenedHandle(link, share, name, { initiatorId, hostName });
    try {
      const facts = await handle.facts(signal);
      return new SharedDisk({ link, share, name }, { initiatorId, hostName, handle }, facts);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Lists the VM snapshots, as the server orders them. Throws `rsvd.kind` for a shared VHDX. */
  snapshots(signal: AbortSignal): Promise<readonly Snapshot[]> {
    return this.#handle.run(async (handle) => {
      const found: Snapshot[] = [];
      for (const id of await listSnapshots(handle, signal)) {
        // It may have been deleted meanwhile.
        const snapshot = await findSnapshot(handle, id, signal);
        if (snapshot !== undefined) found.push(snapshot);
      }
      return found;
    }, signal);
  }

  /**
   * Opens the contents of a snapshot: by its attribute alone first, then with the device context beside
   * it, since it is UNCONFIRMED which one a server needs. Throws `rsvd.snapshot` if it does not exist.
   */
  async openSnapshot(id: Guid, signal: AbortSignal): Promise<ByteSource> {
    const known = await this.#handle.run((handle) => findSnapshot(handle, id, signal), signal);
    if (known?.isValid !== true) {
      throw rsvdError('rsvd.snapshot', `${this.path} has no data of the snapshot ${id}`, {
        data: { path: this.path, snapshot: id },
      });
    }
    try {
      return await this.#openSnapshot(id, false, signal);
    } catch (error) {
      const isRefused =
        isEngineError(error, 'rsvd.sense') ||
        (isEngineError(error, 'rsvd.failed') && error.data['status'] === STATUS.notSupported);
      if (!isRefused) throw error;
      return this.#openSnapshot(id, true, signal);
    }
  }

  /** Opens the disk as it is now, with whatever its guests write meanwhile. */
  openDisk(): ByteSource {
    return this.#source(this.#handleOf({}), '');
  }

  /**
   * Asks once for the ranges that changed between two snapshots, unchecked: the answer may cover less than
   * asked for, and is data of a stranger. Throws `rsvd.snapshot`, `rsvd.failed` if the changes are not
   * known: then a full is needed.
   */
  queryChanges(query: ChangeQuery, signal: AbortSignal): Promise<QueriedChanges> {
    const { virtualSize: size, sectorSize: sector } = this.facts;
    return this.#handle.run(
      (handle) => queryChanges(handle, query, { size, sector }, signal),
      signal,
    );
  }

  /**
   * Yields the parts that the device calls deallocated, which read as zeros: of a snapshot, or of the disk
   * as it is now. Throws `rsvd.*` if it does not report them: RSVD has no other way to find out.
   * @param snapshotId undefined: the disk as it is now
   */
  async *unmapped(snapshotId: Guid | undefined, signal: AbortSignal): AsyncGenerator<StartLength> {
    const { virtualSize: size, sectorSize: sector } = this.facts;
    const own = this.#handleOf(snapshotId === undefined ? {} : { snapshotId, withContext: true });
    try {
      const handle = await own.run(async (each) => each, signal);
      yield* unmappedParts(handle, { size, sector }, signal);
    } finally {
      await own.close();
    }
  }

  /** Asks what the server supports and who has the disk open. */
  support(signal: AbortSignal): Promise<ReturnType<typeof SUPPORT.decode>> {
    return this.#handle.run((handle) => handle.support(signal), signal);
  }

  validate(signal: AbortSignal): Promise<boolean> {
    return this.#handle.run((handle) => validateDisk(handle, signal), signal);
  }

  /** Size of the disk now, in bytes: it may have been resized since it was opened. */
  size(signal: AbortSignal): Promise<number> {
    return this.#handle.run(async (each) => (await readFacts(each, signal)).virtualSize, signal);
  }

  safeSize(signal: AbortSignal): Promise<number> {
    return this.#handle.run((handle) => safeSize(handle, signal), signal);
  }

  needsOptimizing(signal: AbortSignal): Promise<boolean> {
    return this.#handle.run((handle) => needsOptimizing(handle, signal), signal);
  }

  logTracking(signal: AbortSignal): Promise<LogTracking> {
    return this.#handle.run((handle) => readLogTracking(handle, signal), signal);
  }

  /** Asks whether the server still has the disk. */
  checkConnection(signal: AbortSignal): Promise<void> {
    return this.#handle.run((handle) => checkConnection(handle, signal), signal);
  }

  /** Starts log-based tracking. @param logName empty: the server chooses */
  startLog(logName: string, signal: AbortSignal): Promise<void> {
    return this.change((handle) => startLogTracking(handle, logName, signal), signal);
  }

  /** Stops log-based tracking and returns the status that it had. */
  stopLog(signal: AbortSignal): Promise<number> {
    return this.change((handle) => stopLogTracking(handle, signal), signal);
  }

  /** Sends a SCSI command to the virtual disk and returns its data. */
  command(command: ScsiCommand, signal: AbortSignal): Promise<Buffer> {
    return this.change((handle) => sendCommand(handle, command, signal), signal);
  }

  /** Creates a VM snapshot without quiescing any guest. */
  createSnapshot(id: Guid, signal: AbortSignal, onProgress = noMetaProgress): Promise<Snapshot> {
    return this.change((handle) => createSnapshot(handle, id, onProgress, signal), signal);
  }

  deleteSnapshot(id: Guid, keepsReference: boolean, signal: AbortSignal): Promise<void> {
    return this.change((handle) => deleteSnapshot(handle, id, keepsReference, signal), signal);
  }

  applySnapshot(id: Guid, signal: AbortSignal, onProgress = noMetaProgress): Promise<void> {
    return this.change((handle) => applySnapshot(handle, id, onProgress, signal), signal);
  }

  extract(
    options: ExtractOptions,
    signal: AbortSignal,
    onProgress = noMetaProgress,
  ): Promise<void> {
    return this.change((handle) => extractSnapshot(handle, options, onProgress, signal), signal);
  }

  optimize(signal: AbortSignal, onProgress = noMetaProgress): Promise<void> {
    return this.change((handle) => optimizeSet(handle, onProgress, signal), signal);
  }

  resize(
    size: NewSize,
    signal: AbortSignal,
    onProgress: OnProgress = noMetaProgress,
  ): Promise<void> {
    return this.change((handle) => resizeDisk(handle, size, onProgress, signal), signal);
  }

  convert(name: string, signal: AbortSignal, onProgress = noMetaProgress): Promise<void> {
    return this.change((handle) => convertToSet(handle, name, onProgress, signal), signal);
  }

  /** Runs an operation that changes something: never repeated after a lost connection. */
  change<T>(work: (handle: RsvdHandle) => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.#handle.runOnce(work, signal);
  }

  /** Closes the handle; the link stays open. */
  close(): Promise<void> {
    return this.#handle.close();
  }

  async #openSnapshot(id: Guid, withContext: boolean, signal: AbortSignal): Promise<ByteSource> {
    const handle = this.#handleOf({ snapshotId: id, withContext });
    try {
      const probe = new Uint8Array(Math.min(PROBE, this.facts.virtualSize));
      await handle.run((each) => readDisk(each, 0, probe, signal), signal);
      const { virtualSize } = await handle.facts(signal);
      return this.#source(handle, ` (snapshot ${id})`, virtualSize);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  #handleOf(more: { readonly snapshotId?: Guid; readonly withContext?: boolean }): ReopenedHandle {
    const own = {
      initiatorId: this.#initiatorId,
      hostName: this.#hostName,
      isOpenIn: (tree: SmbTree): boolean => this.#handle.isOpenIn(tree),
    };
    return new ReopenedHandle(this.#link, this.#share, this.#name, { ...own, ...more });
  }

  #source(handle: ReopenedHandle, suffix: string, size = this.facts.virtualSize): ByteSource {
    const { sectorSize: sector } = this.facts;
    return new SharedSource(handle, { name: `${this.path}${suffix}`, size, sector });
  }
}
