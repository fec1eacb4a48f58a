import { createWriteStream } from 'node:fs';
import type { JobInput, JobResult } from '../../api/jobs.ts';
import type { OnEdge } from '../../backup/context/edges.ts';
import { EngineError } from '../../base/errors.ts';
import type { Log, LogLevel } from '../../base/log.ts';
import { JobFolder } from '../folder/job-folder.ts';
import { durationWords, startWords } from '../kinds/job-words.ts';
import { JobWriter } from '../folder/job-writer.ts';
import { loggedProgress } from './logged-progress.ts';
import { performJob } from '../kinds/perform-job.ts';

/** Hooks that the caller adds to a job. */
export interface JobHooks {
  /** Edge of a backup at which the process ends, for tests of recovery. */
  readonly killAt: string | undefined;
  /** Called once the job's state is recorded, so that the caller need not wait for the job. */
  readonly announce: () => void;
  readonly onEdge: OnEdge;
}

/**
 * Runs a job to its end in this process and records its state in the user's folder. Returns
 * undefined if the job was cancelled.
 */
export async function runJobInput(
  input: JobInput,
  home: string,
  hooks: JobHooks,
  signal: AbortSignal,
): Promise<JobResult | undefined> {
  const folder = new JobFolder(home, input.id);
  const writer = await JobWriter.begin(folder, input);
  hooks.announce();
  const log = createWriteStream(folder.log, { flags: 'a' });
  // A log that cannot be written does not stop a backup.
  log.on('error', () => undefined);
  const both = AbortSignal.any([signal, writer.cancelled]);
  const leftovers: string[] = [];
  const toLog: Log = (record) => {
    if (record.level === 'trace') return;
    // Warnings after the job was cancelled are about steps that could not be undone.
    if (both.aborted && record.level === 'warn') leftovers.push(record.message);
    log.write(`${JSON.stringify({ time: new Date().toISOString(), ...record })}\n`);
  };
  const { killAt, onEdge } = hooks;
  const progress = loggedProgress(writer.counter, toLog);
  const surroundings = { home, killAt, log: toLog, progress, onEdge };
  const started = Date.now();
  const say = (level: LogLevel, text: string): void => {
    const took = durationWords(Date.now() - started);
    toLog({ level, area: 'job', message: `${text.replace(/\.$/, '')} (${took} in all)` });
  };
  toLog({ level: 'info', area: 'job', message: startWords(input) });
  try {
    const result = await performJob(input, surroundings, both);
    progress.end();
    say('info', `Done: ${result.summary}`);
    await writer.done(result);
    return result;
  } catch (error) {
    progress.end();
    const { message } = error as Error;
    const code = error instanceof EngineError ? ` (${error.code})` : '';
    if (both.aborted) say('info', `Cancelled: ${message}`);
    else say('error', `Failed: ${message}${code}`);
    if (both.aborted) await writer.cancelledWith(leftovers);
    else await writer.failed(error);
    if (writer.cancelled.aborted) return undefined;
    throw error;
  } finally {
    await new Promise<void>((resolve) => {
      log.end(() => resolve());
    });
  }
}
