import type { JobInput } from '../../api/jobs.ts';
import type { Log } from '../../base/log.ts';
import { regroup, type Progress } from '../../base/progress.ts';
import { VERSION } from '../../base/version.ts';
import { TraceWriter, type JobRecorder } from '../../trace/write/trace-writer.ts';
import type { JobFolder } from '../folder/job-folder.ts';

/** The recording of a job's exchanges with its host. */
export interface JobRecording {
  /** undefined: nothing is recorded. */
  readonly recorder: JobRecorder | undefined;
  /** Closes a recording of the job's own, and logs where it is. */
  close(): Promise<void>;
}

/**
 * Begins the recording that a terminal or the job's input asks for. A recording that cannot be
 * written is a warning in the job's log: the job runs without it.
 */
export async function recordJob(
  input: JobInput,
  folder: JobFolder,
  terminal: TraceWriter | undefined,
  tell: Log,
): Promise<JobRecording> {
  const { id, title, spec } = input;
  const say = (level: 'info' | 'warn', message: string): void =>
    tell({ level, area: 'trace', message });
  if (terminal !== undefined) {
    return { recorder: terminal.ofJob(id, title), close: async () => undefined };
  }
  if (input.trace !== true || input.target === null) {
    return { recorder: undefined, close: async () => undefined };
  }
  const begun = new Date();
  const header = { time: begun.toISOString(), engine: VERSION, command: spec.kind };
  let writer: TraceWriter;
  try {
    writer = await TraceWriter.open(folder.newTrace(`${spec.kind} ${title}`, begun), header);
  } catch (error) {
    say('warn', `The exchanges with the host are not recorded: ${(error as Error).message}`);
    return { recorder: undefined, close: async () => undefined };
  }
  const close = async (): Promise<void> => {
    const { exchanges, lost, problem } = await writer.close();
    say('info', `${exchanges} exchanges with the host are in the job's recording`);
    if (problem !== undefined) say('warn', `The recording misses ${lost} exchanges: ${problem}`);
  };
  return { recorder: writer.ofJob(id, title), close };
}

/** Forwards progress, and tells the recorder which phase the next exchanges belong to. */
export function recordedPhases(progress: Progress, recorder: JobRecorder | undefined): Progress {
  if (recorder === undefined) return progress;
  return {
    phase: (name, total, share) => {
      recorder.phase(name);
      progress.phase(name, total, share);
    },
    regroup: (names, ...sizes) => {
      recorder.phase(names.join(', '));
      regroup(progress, names, ...sizes);
    },
    whole: (bytes) => progress.whole?.(bytes),
    advance: (bytes) => progress.advance(bytes),
    note: (text) => progress.note(text),
  };
}
