import { readFile } from 'node:fs/promises';
import type { JobInfo } from '../../api/jobs.ts';
import { JobList } from '../../jobs/list/job-list.ts';
import { jobError } from '../../jobs/spec/job-errors.ts';
import { cancelJob } from '../../operations/jobs/cancel-job.ts';
import { userFolder } from '../../source/platform/user-folder.ts';
import type { Command, Context, OptionSpec } from '../contract/command.ts';
import { localPath } from '../options/option-values.ts';
import { table } from '../terminal/text.ts';

const STORES: Readonly<Record<string, OptionSpec>> = {
  store: { type: 'values', value: 'DIR', help: 'Also the jobs of others that a store records.' },
};
const ID = { name: 'ID', help: 'a job, or the beginning of its ID' };

export const JOBS_COMMANDS: readonly Command[] = [
  {
    name: 'jobs',
    summary: 'Lists the jobs of windows and terminals, the newest first.',
    args: [],
    options: STORES,
    details: 'jobs cancel ID stops one of them, jobs log ID shows what it did.',
    run: list,
  },
  {
    name: 'jobs cancel',
    summary: 'Asks a job to stop: it undoes what it began.',
    args: [ID],
    options: {},
    run: cancel,
  },
  {
    name: 'jobs log',
    summary: 'Shows what a job did so far.',
    args: [ID],
    options: STORES,
    run: showLog,
  },
];

/** One line of a job's log. */
interface LogLine {
  readonly time: string;
  readonly level: string;
  readonly message: string;
}

const jobsOf = ({ io }: Context): JobList => new JobList(userFolder(io.env));

function allJobs(context: Context): Promise<readonly JobInfo[]> {
  const stores = context.options.texts('store').map((path) => localPath(context, path));
  return jobsOf(context).list(stores, context.signal);
}

/**
 * Returns the job with this ID, or the only one whose ID begins with it. Throws `job.notFound`.
 */
async function jobOf(context: Context): Promise<JobInfo> {
  const wanted = (context.args[0] ?? '').toLowerCase();
  const found = (await allJobs(context)).filter(({ id }) => wanted !== '' && id.startsWith(wanted));
  const exact = found.find(({ id }) => id === wanted);
  const [first, second] = found;
  if (exact !== undefined) return exact;
  if (first !== undefined && second === undefined) return first;
  const message =
    first === undefined
      ? `No job has the ID ${wanted}; “refpoint jobs” lists the jobs`
      : `${found.length} jobs begin with ${wanted}; give more of the ID`;
  throw jobError('job.notFound', message, { data: { found: wanted, matches: found.length } });
}

async function list(context: Context): Promise<void> {
  const jobs = await allJobs(context);
  context.print(jobs, () => {
    if (jobs.length === 0) return 'No jobs.';
    return table(
      ['id', 'started', 'kind', 'what', 'state', '%'],
      jobs.map((job) => [
        job.id.slice(0, 8),
        job.started.slice(0, 19).replace('T', ' '),
        job.spec.kind,
        job.title,
        stateText(job),
        job.state === 'running' ? String(job.progress?.percent ?? '') : '',
      ]),
      ['%'],
      { column: 'what', width: context.io.columns },
    );
  });
}

function stateText({ state, stopping, ahead, elsewhere, owner }: JobInfo): string {
  const at = elsewhere ? `, elsewhere${owner === null ? '' : ` (${owner})`}` : '';
  if (state === 'queued') return `queued, ${ahead ?? 0} before it`;
  return `${stopping && state === 'running' ? 'cancelling' : state}${at}`;
}

async function cancel(context: Context): Promise<void> {
  const { id, title } = await jobOf(context);
  await cancelJob(jobsOf(context), userFolder(context.io.env), id);
  context.print({ id, cancelling: true }, () => `${title} was asked to stop.`);
}

async function showLog(context: Context): Promise<void> {
  const { id, log } = await jobOf(context);
  const text =
    log === null ? '' : await readFile(log, { encoding: 'utf8', signal: context.signal });
  // The last line of a running job may be incomplete.
  const lines = text.split('\n').flatMap((line): LogLine[] => {
    try {
      return [JSON.parse(line) as LogLine];
    } catch {
      return [];
    }
  });
  context.print({ id, lines }, () =>
    lines.length === 0
      ? 'The log of the job is empty.'
      : lines.map(({ time, level, message }) => logText(time, level, message)).join('\n'),
  );
}

function logText(time: string, level: string, message: string): string {
  const mark = level === 'warn' || level === 'error' ? `${level}: ` : '';
  return `${time.slice(11, 19)}  ${mark}${message}`;
}
