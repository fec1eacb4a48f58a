import { parseJobInput } from '../../jobs/spec/job-input.ts';
import { runJobInput, type JobHooks } from '../../jobs/run/run-job.ts';
import { userFolder } from '../../source/platform/user-folder.ts';
import type { Command } from '../contract/command.ts';

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
    },
    details:
      'Windows of the editor and workers start it detached and watch its state in the user’s folder.',
    run: async (context) => {
      const input = parseJobInput(await context.io.readStdin());
      const { env } = context.io;
      const hooks: JobHooks = {
        killAt: env['REFPOINT_KILL_AT'],
        announce: () => {
          if (context.options.flag('announce')) {
            context.io.out(`${JSON.stringify({ job: input.id })}\n`);
          }
        },
        onEdge: async () => undefined,
      };
      const result = await runJobInput(input, userFolder(env), hooks, context.signal);
      if (result === undefined) return 130;
      context.print(result, () => `${input.title}: ${result.summary}.`);
      return result.damaged.length === 0 ? 0 : 1;
    },
  },
];
