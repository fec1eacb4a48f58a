import { createWriteStream } from 'node:fs';
import type { JobInput, JobResult } from '../../api/jobs.ts';
import type { Log } from '../../base/log.ts';
import { JobFolder } from './job-folder.ts';
import { JobWriter } from './job-writer.ts';
import { performJob } from './perform-job.ts';

/**
 * Runs a job to its end in this process; its state is kept in the user's folder for whoever watches. Answers undefined where
 * somebody asked it to stop.
 */
export async function runJobInput(
  input: JobInput,
  home: string,
  killAt: string | undefined,
  signal: AbortSignal,
): Promise<JobResult | undefined> {
  const folder = new JobFolder(home, input.id);
  const writer = await JobWriter.begin(folder, input);
  const log = createWriteStream(folder.log, { flags: 'a' });
  // A log that cannot be written does not stop a backup.
  log.on('error', () => undefined);
  const toLog: Log = (record) => {
    if (record.level !== 'trace') {
      log.write(`${JSON.stringify({ time: new Date().toISOString(), ...record })}\n`);
    }
  };
  const both = AbortSignal.any([signal, writer.cancelled]);
  try {
    const result = await performJob(
      input,
      { home, killAt, log: toLog, progress: writer.counter },
      both,
    );
    await writer.done(result);
    return result;
  } catch (error) {
    const { message } = error as Error;
    toLog({ level: both.aborted ? 'info' : 'error', area: 'job', message });
    await writer.failed(error, both.aborted);
    if (writer.cancelled.aborted) return undefined;
    throw error;
  } finally {
    await new Promise<void>((resolve) => {
      log.end(() => resolve());
    });
  }
}
