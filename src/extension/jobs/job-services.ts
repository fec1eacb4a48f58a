import type { HostTarget } from '../../engine/api/host.ts';
import type { JobSpec } from '../../engine/api/jobs.ts';
import type { JobNode } from '../nodes/nodes.ts';
import type { Output } from '../output/output.ts';
import type { JobFollower } from './job-follower.ts';
import type { JobWatcher } from './job-watcher.ts';

/** Starts a job in a process of its own. Returns the job's id. */
export type StartJob = (title: string, spec: JobSpec, target: HostTarget | null) => Promise<string>;

/** Parts of the extension that start jobs and follow them. */
export interface JobServices {
  readonly jobs: JobWatcher;
  readonly startJob: StartJob;
  /** Reports the jobs of this window to the person. */
  readonly follower: JobFollower;
  readonly output: Output;
  /** Knows the newest state of a job that a row shows. */
  readonly trees: { readonly jobs: { current(node: JobNode): JobNode } };
}
