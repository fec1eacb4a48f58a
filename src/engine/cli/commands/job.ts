import { parseJobInput } from '../../jobs/spec/job-input.ts';
import { serveQueue } from '../../jobs/queue/serve-queue.ts';
import { runJob } from '../../jobs/run/run-job.ts';
import { userFolder } from '../../source/platform/user-folder.ts';
import { EXIT } from '../contract/exit.ts';
import type { Command, Context } from '../contract/command.ts';

export const JOB_COMMANDS: readonly Command[] = [
  {
    name: 'job',
    summary: 'Runs one job from stdin, as JSON with the password, and records its state.',
    args: [],
    options: {
      announce: {
        type: 'flag',
        help: 'Prints one line, {"job": ID}, as soon as the job’s state is recorded.',
      },
      queue: {
        type: 'flag',
        help: 'Reads {"parallel": N, "job": JOB} line by line, and starts each job as a process of its own when it has a place.',
      },
    },
    details:
      'Windows of the editor and workers start it detached and watch its state in the user’s folder.',
    run: async (context) => (context.options.flag('queue') ? queue(context) : run(context)),
  },
];

async function run(context: Context): Promise<number> {
  const { io, signal } = context;
  const input = parseJobInput(await io.readStdin());
  io.outliveTerminal();
  const hooks = {
    killAt: io.env['REFPOINT_KILL_AT'],
    announce: () => {
      if (context.options.flag('announce')) io.out(`${JSON.stringify({ job: input.id })}\n`);
    },
  };
  const end = await runJob(input, userFolder(io.env), hooks, signal);
  if (end === undefined) return EXIT.interrupted;
  const { result, failure } = end;
  if (failure !== undefined) throw failure;
  context.print(result, () => `${input.title}: ${result.summary}.`);
  return result.damaged.length === 0 ? EXIT.done : EXIT.no;
}

async function queue({ io, signal }: Context): Promise<number> {
  io.outliveTerminal();
  const program = { words: io.program, env: io.env };
  const reply = (line: object): void => io.out(`${JSON.stringify(line)}\n`);
  await serveQueue(io.stdinLines(signal), userFolder(io.env), program, reply, signal);
  return EXIT.done;
}
