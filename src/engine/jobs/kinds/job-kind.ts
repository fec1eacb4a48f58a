import type { HostTarget } from '../../api/host.ts';
import type { JobResult, JobSpec } from '../../api/jobs.ts';
import type { StoreTarget } from '../../api/store.ts';
import type { OnEdge } from '../../backup/context/edges.ts';
import type { OnImportEdge } from '../../backup/restore/import/import-edges.ts';
import type { OnOverEdge } from '../../backup/restore/over/over-edges.ts';
import type { OnWriterEdge } from '../../backup/restore/writer/writer-edges.ts';
import type { VmIdentity } from '../../backup/host/host.ts';
import type { Store } from '../../backup/store/contract/store.ts';
import type { ExchangeRecorder } from '../../base/exchange.ts';
import type { JsonFields } from '../../base/json-fields.ts';
import type { Log } from '../../base/log.ts';
import type { Progress } from '../../base/progress.ts';

/**
 * A kind of job: a file in this folder and a row in `job-kinds.ts`. It knows its spec. What does the work with hosts and backup is in
 * `jobs/work`; it neither keeps states nor knows who started it. Start reading with `verify.ts`, which needs no host.
 */
export interface JobKind<Spec extends JobSpec> {
  readonly needsHost: boolean;
  /** Whether the job waits for a place while others run. A restore does not wait: it is urgent. */
  readonly waits: boolean;
  /** Reads every field but `kind`, each within its bounds. Throws the fields' error. */
  parse(f: JsonFields): Spec;
  /** Description of the job for its log: `Export of web01 on … to …`. */
  words(title: string, spec: Spec): string;
}

/** A job as its kind is given it. */
export interface WorkOf<Spec> {
  readonly id: string;
  readonly spec: Spec;
  readonly target: HostTarget | null;
  readonly store: StoreTarget | null;
}

/** Result of a job. */
export interface JobEnd<Found> {
  /** Document that a command prints; it has more than the job's state. */
  readonly found: Found;
  readonly result: JobResult;
  /** The job failed although something was found out, such as a verification without a finished point. */
  readonly failure?: Error;
}

export interface JobSurroundings {
  readonly home: string;
  /** Log of the engine's work: to the job's log, and to a terminal that shows it. */
  readonly log: Log;
  /** The job's own sentences: to its log only. */
  readonly tell: Log;
  /** Receives every exchange with the host; undefined if nothing is recorded. */
  readonly recorder: ExchangeRecorder | undefined;
  readonly progress: Progress;
  /** Called at each edge of a backup. */
  readonly onEdge: OnEdge;
  /** Called at each edge of a restore as a VM. */
  readonly onImportEdge: OnImportEdge;
  /** Called at each edge of a restore over a VM. */
  readonly onOverEdge: OnOverEdge;
  /** Called at each edge of a restore with the Hyper-V writer. */
  readonly onWriterEdge: OnWriterEdge;
  /** A store that is missing may be made, if none was ever seen there: somebody asked for it in person. */
  readonly mayMakeStore: boolean;
  /** The VM that the spec named: from now on the state shows its id and name. */
  readonly identified: (vm: VmIdentity) => void;
  /** Mirrors the job's state in the store from now on, for other machines. */
  readonly mirrorIn: (store: Store, vmId: VmIdentity['id'], signal: AbortSignal) => Promise<void>;
}

/** A result of which nothing is known yet. */
export const nothing = {
  kind: null,
  readBytes: 0,
  verified: 0,
  point: null,
  files: [],
  damaged: [],
  warnings: [],
} as const;
