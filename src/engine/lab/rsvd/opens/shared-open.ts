import { Buffer } from 'node:buffer';
import type { Guid } from '../../../base/guid.ts';
import type { OpenedDisk } from '../../../disk/chain/open-disk.ts';
import type { CreateContext } from '../../../net/smb/codec/files/create-contexts.ts';
import { CREATE_OPTION } from '../../../net/smb/codec/protocol/constants.ts';
import { STATUS } from '../../../net/smb/status/nt-status.ts';
import { fixedSense, SENSE_KEY } from '../../../net/rsvd/codec/scsi/sense.ts';
import { never } from '../../../base/abort.ts';
import { isEngineError } from '../../../base/errors.ts';
import type { FaultSwitches } from '../../faults.ts';
import { StatusError } from '../../smb/contract/status-error.ts';
import type { SharedControl, SharedDiskOpen } from '../../smb/contract/shared-disk.ts';
import type { SetSnapshot } from '../disk/set-state.ts';
import { shapeOf } from '../disk/disk-shape.ts';
import type { RsvdSwitches } from './switches.ts';
import type { DiskEntry } from './disk-entry.ts';
import { NO_INITIATOR, SenseList } from './sense-list.ts';

/** First of the statuses that name stored sense data; the low byte is its key. */
const STORED = 0xc05c_0000;
const MEDIUM = { code: 0x11, qualifier: 0 };

export interface OpenFacts {
  readonly contexts: readonly CreateContext[];
  /** undefined: it was not given. */
  readonly initiator: Guid | undefined;
  readonly options: number;
  /** Snapshot that is read; undefined: the disk. */
  readonly snapshot: { readonly record: SetSnapshot; readonly opened: OpenedDisk } | undefined;
  /** Reads of the snapshot are served; a switch makes them need other contexts. */
  readonly readable: boolean;
}

/** Answers damage of the disk's files with a status. */
async function orCorrupt(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    throw isEngineError(error) ? new StatusError(STATUS.fileCorrupt) : error;
  }
}

/** Carries out controls of an open. */
export type Controls = (open: SharedOpen, control: SharedControl) => Promise<Buffer | undefined>;

/** An open of a shared disk, or of one of its snapshots (MS-RSVD 3.2.1.2). */
export class SharedOpen implements SharedDiskOpen {
  readonly entry: DiskEntry;
  readonly facts: OpenFacts;
  readonly switches: RsvdSwitches;
  readonly faults: FaultSwitches;
  readonly senses = new SenseList();
  /** Status of the next read or write; undefined: it is carried out. */
  attention: number | undefined;
  readonly #controls: Controls;
  readonly #closed: (open: SharedOpen) => Promise<void>;

  constructor(
    entry: DiskEntry,
    facts: OpenFacts,
    deps: {
      readonly switches: RsvdSwitches;
      readonly faults: FaultSwitches;
      readonly controls: Controls;
      readonly closed: (open: SharedOpen) => Promise<void>;
    },
  ) {
    this.entry = entry;
    this.facts = facts;
    this.switches = deps.switches;
    this.faults = deps.faults;
    this.#controls = deps.controls;
    this.#closed = deps.closed;
  }

  get contexts(): readonly CreateContext[] {
    return this.facts.contexts;
  }

  async size(): Promise<number> {
    const { snapshot } = this.facts;
    return snapshot?.opened.disk.size ?? (await this.entry.disk.shape()).size;
  }

  async read(offset: bigint, length: number): Promise<Buffer> {
    const place = await this.#check(offset, length, false);
    // The disk fills it: zeros, too.
    const data = Buffer.allocUnsafe(length);
    const { snapshot } = this.facts;
    if (length === 0) return data;
    await orCorrupt(
      snapshot === undefined
        ? this.entry.disk.read(place, data)
        : snapshot.opened.disk.read(place, data, never),
    );
    const short = this.faults.number('rsvd.shortRead', 512);
    return short === undefined ? data : data.subarray(0, Math.max(0, short));
  }

  async write(offset: bigint, data: Buffer): Promise<void> {
    const place = await this.#check(offset, data.length, true);
    if (data.length > 0) await orCorrupt(this.entry.disk.write(place, data));
  }

  flush(): Promise<void> {
    return this.entry.disk.session.flush();
  }

  control(control: SharedControl): Promise<Buffer | undefined> {
    return this.#controls(this, control);
  }

  close(): Promise<void> {
    return this.#closed(this);
  }

  /** Returns the place of a read or write in bytes, or throws why it is refused. */
  async #check(offset: bigint, length: number, writes: boolean): Promise<number> {
    const { options, initiator, snapshot, readable } = this.facts;
    if ((options & CREATE_OPTION.noBuffering) === 0) throw new StatusError(STATUS.notSupported);
    if (!readable || (initiator === undefined && snapshot === undefined)) {
      throw new StatusError(STORED + this.senses.store(NO_INITIATOR));
    }
    if (writes && snapshot !== undefined) throw new StatusError(STATUS.mediaWriteProtected);
    this.#injected();
    const { attention } = this;
    this.attention = undefined;
    if (attention !== undefined) throw new StatusError(attention);
    const { reservations } = this.entry;
    if (snapshot === undefined && initiator !== undefined) {
      if (reservations.forbids(initiator, writes))
        throw new StatusError(STATUS.reservationConflict);
    }
    const shape = snapshot === undefined ? await this.entry.disk.shape() : shapeOf(snapshot.opened);
    const { sectorSize } = shape;
    const size = BigInt(shape.size);
    const aligned = offset % BigInt(sectorSize) === 0n && length % sectorSize === 0;
    if (!aligned && (writes || !this.switches.unaligned())) {
      throw new StatusError(STATUS.invalidParameter);
    }
    if (offset + BigInt(length) > size) throw new StatusError(STATUS.endOfFile);
    return Number(offset);
  }

  /** Fails as a fault asks for. */
  #injected(): void {
    const key = this.faults.number('rsvd.sense', SENSE_KEY.mediumError);
    if (key !== undefined) {
      const sense = fixedSense({ key: key & 15, ...MEDIUM });
      const result = { srbStatus: 4, autoGenerated: true, scsiStatus: 2, sense };
      throw new StatusError(STORED + this.senses.store(result));
    }
    const attention = this.faults.number('rsvd.attention', 1);
    if (attention !== undefined) throw new StatusError(STATUS.unitAttention - 1 + attention);
    if (this.faults.strike('rsvd.reserved') !== undefined) {
      throw new StatusError(STATUS.reservationConflict);
    }
  }
}
