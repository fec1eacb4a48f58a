import { jobError } from '../jobs/job-errors.ts';
import { JobFolder } from '../jobs/job-folder.ts';
import { listJobs } from '../jobs/list-jobs.ts';
import type { Handlers } from './handlers.ts';

/** Requests about jobs, which run in processes of their own. */
export function jobHandlers(home: string): Handlers<'listJobs' | 'cancelJob' | 'forgetJob'> {
  return {
    listJobs: ({ stores }, { signal }) => listJobs(home, stores, signal),
    cancelJob: async ({ id }) => {
      const folder = new JobFolder(home, id);
      const state = await folder.readState();
      if (state === undefined) {
        throw jobError('job.notFound', `There is no job ${id} on this machine`, {
          data: { found: id },
        });
      }
      await folder.askToCancel();
      return {};
    },
    forgetJob: async ({ id }, { signal }) => {
      const job = (await listJobs(home, [], signal)).find((each) => each.id === id);
      if (job?.state === 'running') {
        throw jobError('job.state', `The job ${id} is running; cancel it first`, {
          data: { found: id },
        });
      }
      await new JobFolder(home, id).remove();
      return {};
    },
  };
}
