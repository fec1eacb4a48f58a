import type { JobList } from '../../jobs/list/job-list.ts';
import { cancelJob } from '../../operations/jobs/cancel-job.ts';
import { forgetJob } from '../../operations/jobs/forget-job.ts';
import type { Handlers } from '../contract/handlers.ts';

/** Handles the requests about jobs, which run in their own processes. */
export function jobHandlers(
  jobs: JobList,
  home: string,
): Handlers<'listJobs' | 'cancelJob' | 'forgetJob'> {
  return {
    listJobs: ({ stores }, { signal }) => jobs.list(stores, signal),
    cancelJob: async ({ id }) => {
      await cancelJob(jobs, home, id);
      return {};
    },
    forgetJob: async ({ id }) => {
      await forgetJob(jobs, home, id);
      return {};
    },
  };
}
