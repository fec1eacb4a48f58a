import type { BackupOptions } from './backup.ts';
import type { HostTarget } from './host.ts';

/** What a job is to do: a plain value without secrets, kept with its state. */
export type JobSpec =
  | {
      readonly kind: 'backup';
      readonly host: string;
      readonly vm: string;
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
      /** A backup checkpoint that exists and stays; absent: one is made for the export. */
      readonly checkpoint?: string;
    }
  | {
      readonly kind: 'restore';
      readonly store: string;
      readonly vm: string;
      readonly point: string;
      readonly disks: readonly string[];
      readonly to: string;
      readonly format: 'vhdx' | 'raw';
      readonly force: boolean;
    }
  | {
      readonly kind: 'verify';
      readonly store: string;
      readonly vm: string;
      readonly points: readonly string[];
      readonly quick: boolean;
    };

/** What `refpoint job` reads from its stdin: one JSON document, then the end. */
export interface JobInput {
  readonly version: 1;
  readonly id: string;
  /** For people: the VM's name. */
  readonly title: string;
  readonly spec: JobSpec;
  /** Of jobs that need a host. Never kept. */
  readonly target: HostTarget | null;
}

export interface JobProgress {
  readonly phase: string;
  /** Bytes of the phase; total 0 where that is not known. */
  readonly done: number;
  readonly total: number;
  readonly bytesPerSecond: number;
  /** Whole percents of the job, never falling; null while its size is not known. 100 only when it is done. */
  readonly percent: number | null;
  /** Rough time to the end of the reading and writing; null if not known. */
  readonly secondsLeft: number | null;
}

/** `jobs/<id>/state.json` in the user's folder. A `running` one whose heartbeat stopped is shown as interrupted. */
export interface JobState {
  readonly version: 1;
  readonly id: string;
  readonly title: string;
  readonly spec: JobSpec;
  readonly machine: string;
  readonly pid: number;
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  /** It runs, was asked to stop, and takes back what it began. */
  readonly stopping: boolean;
  readonly started: string;
  readonly heartbeat: string;
  readonly progress: JobProgress | null;
  readonly result: JobResult | null;
  /** Of a failed one. Of a cancelled one: what could not be taken back (`job.leftovers`); null where nothing is left. */
  readonly error: JobNote | null;
}

/** A warning, a finding or a failure, as the state of a job keeps it. */
export interface JobNote {
  readonly code: string;
  readonly message: string;
}

export interface JobResult {
  /** One sentence for people, in English: of a terminal. Windows make theirs of the facts below. */
  readonly summary: string;
  /** What a backup or an export came to be. */
  readonly kind: 'full' | 'incr' | null;
  /** Of a backup: bytes read of the VM's disks. */
  readonly readBytes: number;
  /** Points that a verification looked at. */
  readonly verified: number;
  /** Of a backup: the point that it made. Of a restore: the one that it read. */
  readonly point: string | null;
  /** Files that a restore made. */
  readonly files: readonly string[];
  /** Points that a verification found damaged. */
  readonly damaged: readonly string[];
  readonly warnings: readonly JobNote[];
}

/** A job as windows show it. */
export interface JobInfo extends Omit<JobState, 'state'> {
  readonly state: JobState['state'] | 'interrupted';
  /** Not in this user's folder: seen in the store only, and not to be cancelled from here. */
  readonly elsewhere: boolean;
  /** The account it runs under, of one elsewhere, where the store tells. */
  readonly owner: string | null;
  /** The job's log on this machine, if it has one. */
  readonly log: string | null;
}
