import type { JobInfo, JobSpec, QueuePlace } from '../../api/jobs.ts';

/** Jobs that may run at the same time if nothing else is asked for. */
export const DEFAULT_PARALLEL_JOBS = 4;
/** Jobs that may work with one host at the same time: checkpoints and merges load it beyond what is read. */
export const PARALLEL_PER_HOST = 2;

/** Fields of a job that decide about places. */
export type Placed = Pick<JobInfo, 'id' | 'state' | 'spec' | 'queue'>;

/** Whether a job has a place: it runs, or is taking one. */
export const hasPlace = ({ state, queue }: Pick<Placed, 'state' | 'queue'>): boolean =>
  state === 'running' || (state === 'queued' && queue?.claiming === true);

/** Whether a job waits. */
export const isWaiting = <T extends Placed>(job: T): job is T & { readonly queue: QueuePlace } =>
  job.state === 'queued' && job.queue !== null && !job.queue.claiming;

/** Whether a job may start beside those that have a place. */
export function fits(spec: JobSpec, parallel: number, placed: readonly Placed[]): boolean {
  if (placed.length >= parallel) return false;
  const host = hostOf(spec);
  if (host === undefined) return true;
  return placed.filter((each) => hostOf(each.spec) === host).length < PARALLEL_PER_HOST;
}

/** Order of those that wait: who came first. */
export function inOrder(
  a: { readonly id: string; readonly queue: QueuePlace },
  b: { readonly id: string; readonly queue: QueuePlace },
): number {
  if (a.queue.since !== b.queue.since) return a.queue.since < b.queue.since ? -1 : 1;
  if (a.queue.order !== b.queue.order) return a.queue.order - b.queue.order;
  return a.id < b.id ? -1 : 1;
}

/** The host that a job works with, spelled in one way; undefined if it needs none. */
function hostOf(spec: JobSpec): string | undefined {
  if (spec.kind !== 'backup' && spec.kind !== 'export') return undefined;
  return URL.canParse(spec.host) ? new URL(spec.host).host.toLowerCase() : spec.host.toLowerCase();
}
