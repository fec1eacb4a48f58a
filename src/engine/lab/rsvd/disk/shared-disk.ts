import fs from 'node:fs/promises';
import path from 'node:path';
import { never } from '../../../base/abort.ts';
import { deferred } from '../../../base/deferred.ts';
import type { Guid } from '../../../base/guid.ts';
import type { OpenedDisk } from '../../../disk/chain/open-disk.ts';
import { DiskTracker } from '../../rct/disk-tracker.ts';
import { shapeOf, type DiskShape } from './disk-shape.ts';
import { ImageSession, openChain } from './image-session.ts';
import { activeOfSet } from './set-file.ts';
import type { ToHost } from './set-tree.ts';
import { isOfSet, noLog } from './set-identity.ts';
import {
  newSetState,
  readSidecar,
  writeSidecar,
  type SetSnapshot,
  type SetState,
} from './set-state.ts';

export interface SharedDiskSettings {
  /** Bytes of one unit of change tracking. */
  readonly granularity: number;
  readonly toHost: ToHost;
}

/** Facts of a disk, as they are now. */
export interface SharedFacts extends DiskShape {
  readonly physicalSectorSize: number;
  readonly blockSize: number;
  readonly fixed: boolean;
  readonly diskId: Guid;
  readonly contents: string;
  /** Bytes of the active file. */
  readonly fileSize: number;
}

/** Changed ranges and snapshots exist only for VHD Sets. */
export interface SharedSet {
  readonly state: SetState;
  readonly tracker: DiskTracker;
}

interface OpenSnapshot {
  readonly opened: Promise<OpenedDisk>;
  users: number;
}

/**
 * A shared VHDX or a VHD Set that somebody has open: read, written and tracked for all of its openers.
 * Lives from the first open to the last close; then nothing of it stays in memory.
 */
export class SharedDisk {
  /** Local path of the `.vhds` or `.vhdx`. */
  readonly file: string;
  readonly settings: SharedDiskSettings;
  readonly session: ImageSession;
  /** undefined: a shared VHDX. */
  readonly set: SharedSet | undefined;
  /** The sidecar says otherwise, or does not exist. */
  readonly #isNew: boolean;
  readonly #snapshots = new Map<Guid, OpenSnapshot>();
  #gate: { readonly opened: Promise<void>; open(): void } | undefined;

  private constructor(
    file: string,
    settings: SharedDiskSettings,
    session: ImageSession,
    set: SharedSet | undefined,
    isNew = false,
  ) {
    this.#isNew = isNew;
    this.file = file;
    this.settings = settings;
    this.session = session;
    this.set = set;
  }

  /** Opens a disk. Throws `vhds.*`, `vhdx.*`, `disk.*`, `source.*`, `lab.damaged`. */
  static async open(file: string, settings: SharedDiskSettings): Promise<SharedDisk> {
    if (!isSetName(file)) {
      const session = new ImageSession(file);
      const disk = new SharedDisk(file, settings, session, undefined);
      await disk.#probe();
      return disk;
    }
    const folder = path.dirname(file);
    const active = (await activeOfSet(file)) ?? path.basename(file);
    const session = new ImageSession(path.join(folder, active));
    try {
      const image = await session.read(async ({ layers: [top] }) => top);
      const { diskId = '', identity = '' } = image;
      const known = await readSidecar(file);
      const fits = known !== undefined && (await isOfSet(folder, known, active, diskId));
      const state = fits ? known : newSetState(active, diskId, noLog());
      const tracker = await DiskTracker.open(folder, state.trackingId, settings.granularity);
      // Another program wrote to the file: what changed is not known.
      const isOther = state.contents !== identity;
      if (fits && isOther) {
        state.snapshots = state.snapshots.map((each) => ({ ...each, tracked: false }));
      }
      return new SharedDisk(file, settings, session, { state, tracker }, isOther);
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  get folder(): string {
    return path.dirname(this.file);
  }

  /** Whether a snapshot is open for reading. */
  get hasOpenSnapshots(): boolean {
    return this.#snapshots.size > 0;
  }

  isOpenSnapshot(id: Guid): boolean {
    return this.#snapshots.has(id);
  }

  /** Asks no file system, since each read and write asks for it. */
  shape(): Promise<DiskShape> {
    return this.session.read(async (opened) => shapeOf(opened));
  }

  async facts(): Promise<SharedFacts> {
    const facts = await this.session.read(async ({ disk, layers: [top] }) => ({
      ...shapeOf({ disk }),
      physicalSectorSize: top.physicalSectorSize ?? disk.logicalSectorSize,
      blockSize: top.blockSize ?? 0,
      fixed: top.subformat === 'fixed',
      diskId: (top.diskId ?? '') as Guid,
      contents: top.identity ?? '',
    }));
    const { size: fileSize } = await fs.stat(this.session.file);
    return { ...facts, fileSize };
  }

  read(offset: number, into: Uint8Array): Promise<void> {
    return this.session.read(({ disk }) => disk.read(offset, into, never));
  }

  /** Writes whole sectors; waits while input and output are blocked. */
  async write(offset: number, bytes: Uint8Array): Promise<void> {
    await this.#gate?.opened;
    // The mark is durable before the write: a crash in between over-reports.
    await this.set?.tracker.mark({ start: offset, end: offset + bytes.length });
    await this.session.write(offset, bytes);
  }

  /** Holds writes back until `unblock`. */
  block(): void {
    if (this.#gate !== undefined) return;
    const { promise, resolve } = deferred<void>();
    this.#gate = { opened: promise, open: resolve };
  }

  unblock(): void {
    this.#gate?.open();
    this.#gate = undefined;
  }

  /** Opens the contents of a snapshot, which do not change while it exists. */
  async openSnapshot({ id, file }: SetSnapshot): Promise<OpenedDisk> {
    let known = this.#snapshots.get(id);
    if (known === undefined) {
      known = { opened: openChain(path.join(this.folder, file)), users: 0 };
      this.#snapshots.set(id, known);
      known.opened.catch(() => this.#snapshots.delete(id));
    }
    known.users++;
    return known.opened;
  }

  async closeSnapshot(id: Guid): Promise<void> {
    const known = this.#snapshots.get(id);
    if (known === undefined || --known.users > 0) return;
    this.#snapshots.delete(id);
    await (await known.opened).disk.close();
  }

  /** Saves the sidecar. */
  async save(): Promise<void> {
    if (this.set !== undefined) await writeSidecar(this.file, this.set.state);
  }

  /** Writes what has changed since the disk was opened, and closes all files. */
  async close(): Promise<void> {
    this.unblock();
    try {
      await this.session.close();
      if (this.set === undefined || !(this.#isNew || this.session.wasChanged)) return;
      const { state, tracker } = this.set;
      state.contents = (await this.facts()).contents;
      await tracker.save(never);
      await this.save();
    } finally {
      await this.session.close();
    }
  }

  async #probe(): Promise<void> {
    try {
      await this.session.read(async () => undefined);
    } catch (error) {
      await this.session.close();
      throw error;
    }
  }
}

/** Whether a name is that of a VHD Set. */
const isSetName = (file: string): boolean => /\.vhds$/i.test(file);
