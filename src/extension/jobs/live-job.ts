import type { JobInfo } from '../../engine/api/jobs.ts';

/** Whether a job has not ended: it waits or runs. */
export const isLive = ({ state }: Pick<JobInfo, 'state'>): boolean =>
  state === 'queued' || state === 'running';
