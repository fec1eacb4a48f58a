import type { JobSpec } from '../../api/jobs.ts';
import type { JobEnd, JobSurroundings, WorkOf } from '../kinds/job-kind.ts';
import { kindOf } from '../kinds/job-kinds.ts';
import type { KindName, SpecOf } from '../kinds/spec-of.ts';
import type { HOST_WORKS } from './host/host-works.ts';
import type { STORE_WORKS } from './store/store-works.ts';

type Works = typeof HOST_WORKS & typeof STORE_WORKS;

/** Result of a kind of job, for the command that started it. */
export type FoundBy<Kind extends KindName> =
  Awaited<ReturnType<Works[Kind]>> extends JobEnd<infer Found> ? Found : never;

/** Does the work of a job, until it ends or is cancelled. */
type Perform<Spec extends JobSpec, Found> = (
  work: WorkOf<Spec>,
  around: JobSurroundings,
  signal: AbortSignal,
) => Promise<JobEnd<Found>>;

/**
 * Loads what does the work of a kind of job. That is half of the program: a command that starts no job does not read it, and the
 * engine, whose jobs are processes of their own, does not have it.
 */
export async function workOf<Kind extends KindName>(
  kind: Kind,
): Promise<Perform<SpecOf<Kind>, FoundBy<Kind>>> {
  const works = kindOf(kind).needsHost
    ? (await import('./host/host-works.ts')).HOST_WORKS
    : (await import('./store/store-works.ts')).STORE_WORKS;
  return (works as Works)[kind] as Perform<SpecOf<Kind>, FoundBy<Kind>>;
}
