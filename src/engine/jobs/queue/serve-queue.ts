import type { QueueLine, QueueReply } from '../../api/jobs.ts';
import { noteOfError } from '../folder/job-writer.ts';
import { parseQueueLine } from '../spec/job-input.ts';
import { JobQueue } from './job-queue.ts';
import { startJobProcess, type Program } from './start-process.ts';

/**
 * Waits with the jobs that come line by line, and starts each in a process of its own when it has a place. Resolves when no
 * more lines come and no job waits: a window that closes leaves its queue behind. A signal cancels all that wait.
 */
export async function serveQueue(
  lines: AsyncIterable<string>,
  home: string,
  program: Program,
  reply: (reply: QueueReply) => void,
  signal: AbortSignal,
): Promise<void> {
  const queue = new JobQueue(home, signal);
  const all: (() => Promise<void>)[] = [];
  try {
    for await (const line of lines) {
      if (signal.aborted) break;
      if (line.trim() !== '') all.push(await accept(line, queue, program, reply));
    }
  } finally {
    await Promise.all(all.map((wait) => wait()));
  }
}

/** A line that is not a job stops no other. */
async function accept(
  line: string,
  queue: JobQueue,
  program: Program,
  reply: (reply: QueueReply) => void,
): Promise<() => Promise<void>> {
  let read: QueueLine;
  try {
    read = parseQueueLine(line);
  } catch (error) {
    reply({ job: '', state: 'refused', error: noteOfError(error) });
    return async () => undefined;
  }
  return serve(read, queue, program, reply);
}

/** Resolves once the job is in the queue, with what waits for its start. */
async function serve(
  { job, parallel }: QueueLine,
  queue: JobQueue,
  program: Program,
  reply: (reply: QueueReply) => void,
): Promise<() => Promise<void>> {
  const id = job.id;
  try {
    const queued = await queue.add(job, parallel);
    reply({ job: id, state: 'queued' });
    const starting = (async () => {
      try {
        if (await queued.place) await startJobProcess(job, program);
      } catch (error) {
        await queued.fail(error).catch(() => undefined);
      }
      reply({ job: id, state: 'left' });
    })();
    return () => starting;
  } catch (error) {
    reply({ job: id, state: 'refused', error: noteOfError(error) });
    return async () => undefined;
  }
}
