import type { Guid } from '../../../base/guid.ts';
import type { SharedDisk } from '../disk/shared-disk.ts';
import { Reservations } from '../scsi/reservations.ts';

/** A meta operation, for questions about its progress. */
export interface Transaction {
  current: number;
  complete: number;
}

/** Part of an open that the others change. */
export interface EntryOpen {
  /** Status of the next read or write; undefined: it is carried out. */
  attention: number | undefined;
  readonly facts: { readonly initiator: Guid | undefined };
}

/** A snapshot that is being made, stage by stage. */
export interface StagedSnapshot {
  readonly id: Guid;
  readonly type: number;
  readonly tracked: boolean;
  readonly logId: Guid;
  readonly owner: EntryOpen;
  stage: number;
  /** CDP: stopped since input and output were blocked for too long. */
  timedOut: boolean;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** A shared disk that is open, with what all of its opens have in common. */
export class DiskEntry {
  readonly disk: SharedDisk;
  readonly opens = new Set<EntryOpen>();
  readonly reservations = new Reservations();
  readonly transactions = new Map<Guid, Transaction>();
  readonly staged = new Map<Guid, StagedSnapshot>();
  /** The set is deleted with the last close. */
  deletes = false;

  constructor(disk: SharedDisk) {
    this.disk = disk;
  }

  /** Gives all opens but one a unit attention. */
  announce(status: number, except: EntryOpen | undefined): void {
    for (const open of this.opens) if (open !== except) open.attention = status;
  }
}
