import type { BackupOptions } from './backup.ts';
import type { FileProtection, HostTarget, PathMapping } from './host.ts';
import type { StoreTarget } from './store.ts';

/** Choices for a restore as a new VM. */
export interface ImportChoices {
  /** A point's ID, or `latest`. */
  readonly point: string;
  /** Name of the new VM; null: that of the VM, and when it was restored. */
  readonly as: string | null;
  /** Folder on the host for the files of the VM. */
  readonly hostFolder: string;
  readonly pathMap: readonly PathMapping[];
  /** Connects the network adapters. */
  readonly connect: boolean;
  /** Switches for adapters that are connected; one that is missing here: the switch of the same name. */
  readonly switches: readonly SwitchMapping[];
  readonly start: boolean;
  /** After a failure, leaves what was made. */
  readonly keep: boolean;
}

/** Switch of the host for the adapters of a switch of the point. */
export interface SwitchMapping {
  readonly from: string;
  /** null: its adapters stay disconnected. */
  readonly to: string | null;
}

/** Choices for a restore of disks over those of a VM. */
export interface OverChoices {
  /** A point's ID, or `latest`. */
  readonly point: string;
  /** As in a restore of disks; empty: every disk of the point. */
  readonly disks: readonly string[];
  /** GUID of the VM on the host. */
  readonly over: string;
  /** The same again, as the person gave it. */
  readonly confirm: string;
  readonly pathMap: readonly PathMapping[];
}

/** Work of a job: a plain value without secrets, kept with the job's state. */
export type JobSpec =
  | {
      readonly kind: 'attach';
      readonly store: string;
      readonly vm: string;
      readonly point: string;
      /** Number of the disk in the point, slot, file name, path or ID. */
      readonly disk: string;
      /** Windows mounts the volumes and gives them letters. */
      readonly letter: boolean;
    }
  | {
      readonly kind: 'backup';
      readonly host: string;
      readonly vm: string;
      /** `vm` names a group of VMs; absent: it names a VM. */
      readonly group?: boolean;
      /** Method `vss`: GUIDs of all VMs of the set; absent: `vm` alone. */
      readonly vms?: readonly string[];
      readonly store: string;
      readonly options: BackupOptions;
    }
  | {
      readonly kind: 'export';
      readonly host: string;
      readonly vm: string;
      /** Folder on the host. */
      readonly directory: string;
      readonly since: string | null;
      /** ID of an existing backup checkpoint, which stays; absent: the export creates one. */
      readonly checkpoint?: string;
    }
  | {
      readonly kind: 'restore';
      readonly store: string;
      readonly vm: string;
      readonly point: string;
      readonly disks: readonly string[];
      readonly to: string;
      /** A format of disk images that can be written: `vhdx`, `raw`. */
      readonly format: string;
      readonly force: boolean;
    }
  | ({
      /** A restore as a new VM. */
      readonly kind: 'import';
      readonly host: string;
      readonly store: string;
      readonly vm: string;
    } & ImportChoices)
  | ({
      /** A restore over the disks of a VM, its undo, or giving that up. */
      readonly kind: 'over';
      readonly action: 'restore' | 'undo' | 'accept';
      readonly host: string;
      readonly store: string;
      readonly vm: string;
    } & OverChoices)
  | {
      /** A restore of a VM in its place by the Hyper-V writer of the host, which is this computer. */
      readonly kind: 'writer';
      readonly host: string;
      readonly store: string;
      readonly vm: string;
      readonly point: string;
      /** GUID of the VM again, as the person gave it. */
      readonly confirm: string;
    }
  | {
      readonly kind: 'verify';
      readonly store: string;
      /** Empty: every VM of the store. */
      readonly vm: string;
      /** Empty: every point. */
      readonly points: readonly string[];
      readonly quick: boolean;
      /** Rebuilds damaged hash files from proven contents; absent: no. */
      readonly repairHashes?: boolean;
    };

/** Input of `refpoint job`: one JSON document on stdin. */
export interface JobInput {
  readonly version: 1;
  readonly id: string;
  /** Display text: the VM's name. */
  readonly title: string;
  readonly spec: JobSpec;
  /** Host of jobs that need one, else null. Never stored. */
  readonly target: HostTarget | null;
  /** Store of the spec with its secrets; null or absent if it needs no secrets. Never stored. */
  readonly store?: StoreTarget | null;
  /** Records the exchanges with the host in the job's folder; absent: no. */
  readonly trace?: boolean;
}

/** One line of the stdin of `refpoint job --queue`. */
export interface QueueLine {
  readonly job: JobInput;
  /** Maximum number of jobs at the same time, this one included. */
  readonly parallel: number;
}

/** One line of its stdout. */
export interface QueueReply {
  readonly job: string;
  /** `queued`: the job's state is stored. `left`: the job was started or cancelled, or its start failed. */
  readonly state: 'queued' | 'refused' | 'left';
  /** Reason of a refusal. */
  readonly error?: JobNote;
}

/** Place of a job in the queue. */
export interface QueuePlace {
  readonly since: string;
  /** Order of jobs of one process that were queued in the same millisecond. */
  readonly order: number;
  /** Maximum number of jobs at the same time, this one included. */
  readonly parallel: number;
  /** The job is being started, and counts as running. */
  readonly claiming: boolean;
}

export interface JobProgress {
  readonly phase: string;
  /** Bytes of the current phase; `total` is 0 if not known. */
  readonly done: number;
  readonly total: number;
  readonly bytesPerSecond: number;
  /**
   * Whole percents of the job, never decreasing; null while its size is not known. 100 only when it
   * is done.
   */
  readonly percent: number | null;
  /** Estimated seconds until reading and writing end; null if not known. */
  readonly secondsLeft: number | null;
}

/**
 * Content of `jobs/<id>/state.json` in the user's folder. A `running` job whose heartbeat stopped
 * is shown as interrupted.
 */
export interface JobState {
  readonly version: 1;
  readonly id: string;
  readonly title: string;
  readonly spec: JobSpec;
  readonly machine: string;
  readonly pid: number;
  /** While it is `queued`, `pid` is the process that holds its secrets and starts it. */
  readonly state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
  /** Place of a queued job; null in any other state. */
  readonly queue: QueuePlace | null;
  /** The job was asked to stop and is undoing its work. */
  readonly stopping: boolean;
  readonly started: string;
  readonly heartbeat: string;
  readonly progress: JobProgress | null;
  readonly result: JobResult | null;
  /**
   * Error of a failed job. For a cancelled one: what could not be undone (`job.leftovers`), or null
   * if nothing is left.
   */
  readonly error: JobNote | null;
}

/** A warning, a finding or a failure, as a job's state stores it. */
export interface JobNote {
  readonly code: string;
  readonly message: string;
  /** Texts of the host with `import.invalid`, one for each problem that it found. */
  readonly findings?: readonly string[];
}

export interface JobResult {
  /**
   * One English sentence, for terminals. The extension's windows build theirs from the other
   * fields.
   */
  readonly summary: string;
  /** Kind of the backup or export; null for other jobs. */
  readonly kind: 'full' | 'incr' | null;
  /** Bytes read from the VM's disks by a backup. */
  readonly readBytes: number;
  /** Number of points that a verification checked. */
  readonly verified: number;
  /** Point that a backup created or a restore read. */
  readonly point: string | null;
  /** Points of a backup of several VMs, that of `point` first; absent for other jobs. */
  readonly points?: readonly MadePoint[];
  /** Files that a restore created. */
  readonly files: readonly string[];
  /** VM that a restore made; absent for other jobs. */
  readonly vm?: { readonly id: string; readonly name: string };
  /** Points in which a verification found damage. */
  readonly damaged: readonly string[];
  readonly warnings: readonly JobNote[];
  /** File servers that a backup read from; absent in states of earlier versions. */
  readonly protection?: readonly FileProtection[];
}

/** A point that a backup of several VMs made; `vm` is a GUID. */
export interface MadePoint {
  readonly vm: string;
  readonly name: string;
  readonly point: string;
}

/** A job as windows show it. */
export interface JobInfo extends Omit<JobState, 'state'> {
  readonly state: JobState['state'] | 'interrupted';
  /** Known from the store only, not from this user's folder: cannot be cancelled from here. */
  readonly elsewhere: boolean;
  /** Account that runs a job elsewhere, if the store names it. */
  readonly owner: string | null;
  /** Number of queued jobs that start before this queued one; null in any other state. */
  readonly ahead: number | null;
  /** Path of the job's log on this machine; null if there is not one. */
  readonly log: string | null;
  /** Path of the recording of its exchanges; null if there is not one. */
  readonly trace: string | null;
}
