import { createWriteStream } from 'node:fs';
import type { JobInput, JobSpec } from '../../api/jobs.ts';
import type { OnEdge } from '../../backup/context/edges.ts';
import { firstOf } from '../../base/abort.ts';
import { EngineError } from '../../base/errors.ts';
import { noLog, type Log, type LogLevel } from '../../base/log.ts';
import { noProgress, type Progress } from '../../base/progress.ts';
import { JobFolder } from '../folder/job-folder.ts';
import { JobWriter } from '../folder/job-writer.ts';
import type { JobEnd, JobSurroundings } from '../kinds/job-kind.ts';
import { kindOf } from '../kinds/job-kinds.ts';
import { workOf, type FoundBy } from '../work/works.ts';
import type { SpecOf } from '../kinds/spec-of.ts';
import { StoreMirror } from '../store/store-mirror.ts';
import type { TraceWriter } from '../../trace/write/trace-writer.ts';
import { bothProgress } from './both-progress.ts';
import { durationWords } from '../../base/words/duration.ts';
import { recordedPhases, recordJob } from './job-recording.ts';
import { loggedProgress } from './logged-progress.ts';

/** Hooks that the caller adds to a job. */
export interface JobHooks {
  /** Edge of a backup at which the process ends, for tests of recovery. */
  readonly killAt?: string | undefined;
  /** Called once the job's state is recorded, so that the caller need not wait for the job. */
  readonly announce?: () => void;
  readonly onEdge?: OnEdge;
  /** A terminal that waits for the job: it runs even if its state cannot be kept, and may make its store. */
  readonly terminal?: {
    readonly log: Log;
    readonly progress: Progress;
    /** Recording of --trace. */
    readonly trace?: TraceWriter | undefined;
    readonly mayMakeStore: boolean;
  };
}

/** A job of one kind. */
export type InputOf<Kind extends JobSpec['kind']> = JobInput & { readonly spec: SpecOf<Kind> };

/**
 * Runs a job to its end in this process and records its state in the user's folder. Returns the
 * result for the command that started it; undefined if the job was cancelled by another process.
 * Throws the errors of the work.
 */
export async function runJob<Kind extends JobSpec['kind']>(
  input: InputOf<Kind>,
  home: string,
  hooks: JobHooks,
  signal: AbortSignal,
): Promise<JobEnd<FoundBy<Kind>> | undefined> {
  const { terminal } = hooks;
  const folder = new JobFolder(home, input.id);
  const writer = await JobWriter.begin(folder, input, terminal?.log);
  hooks.announce?.();
  const log = createWriteStream(folder.log, { flags: 'a' });
  // A log that cannot be written does not stop a backup.
  log.on('error', () => undefined);
  const { signal: both, release } = firstOf(signal, writer.cancelled);
  const leftovers: string[] = [];
  const tell: Log = (record) => {
    // Exchanges with the host belong to the recording.
    if (record.level === 'trace' || record.area === 'exchange') return;
    // Warnings after the job was cancelled are about steps that could not be undone.
    if (both.aborted && record.level === 'warn') leftovers.push(record.message);
    log.write(`${JSON.stringify({ time: new Date().toISOString(), ...record })}\n`);
  };
  const toTerminal = terminal?.log ?? noLog;
  const toLog: Log = (record) => {
    tell(record);
    toTerminal(record);
  };
  const counted = loggedProgress(writer.counter, tell);
  const recording = await recordJob(input, folder, terminal?.trace, tell);
  const { recorder } = recording;
  const killed = async (edge: string): Promise<void> => {
    if (edge === hooks.killAt) process.kill(process.pid, 'SIGKILL');
  };
  const around: JobSurroundings = {
    home,
    recorder,
    log: toLog,
    tell,
    progress: recordedPhases(bothProgress(counted, terminal?.progress ?? noProgress), recorder),
    mayMakeStore: terminal?.mayMakeStore ?? false,
    onEdge: async (edge) => {
      await killed(edge);
      await hooks.onEdge?.(edge);
      await writer.passed(edge);
    },
    onImportEdge: killed,
    onOverEdge: killed,
    onWriterEdge: killed,
    identified: (vm) => writer.identified(vm),
    mirrorIn: async (store, vmId, until) => {
      writer.mirrorIn(await StoreMirror.begin(store, vmId, writer.state, until));
    },
  };
  const started = Date.now();
  const say = (level: LogLevel, text: string): void => {
    const took = durationWords(Date.now() - started);
    tell({ level, area: 'job', message: `${text.replace(/\.$/, '')} (${took} in all)` });
  };
  const kind = kindOf(input.spec.kind);
  tell({ level: 'info', area: 'job', message: `${kind.words(input.title, input.spec)} started` });
  try {
    const work = { store: null, ...input };
    const perform = await workOf<Kind>(input.spec.kind);
    const end = await perform(work, around, both);
    counted.end();
    if (end.failure !== undefined) await fail(end.failure);
    else {
      say('info', `Done: ${end.result.summary}`);
      await writer.done(end.result);
    }
    return end;
  } catch (error) {
    counted.end();
    if (!both.aborted) await fail(error);
    else {
      say('info', `Cancelled: ${(error as Error).message}`);
      await writer.cancelledWith(leftovers);
    }
    if (writer.cancelled.aborted) return undefined;
    throw error;
  } finally {
    release();
    await recording.close();
    await new Promise<void>((resolve) => {
      log.end(() => resolve());
    });
  }

  async function fail(error: unknown): Promise<void> {
    const code = error instanceof EngineError ? ` (${error.code})` : '';
    say('error', `Failed: ${(error as Error).message}${code}`);
    await writer.failed(error);
  }
}
