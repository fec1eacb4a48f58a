import { parseJobInput } from '../../rpc/jobs/job-input.ts';
import { runJobInput } from '../../rpc/jobs/run-job.ts';
import { userFolder } from '../../rpc/user-folder.ts';
import type { Command } from '../command.ts';

export const JOB_COMMANDS: readonly Command[] = [
  {
    name: 'job',
    summary: 'Runs one job that comes on stdin as JSON, password included, and keeps its state.',
    args: [],
    options: {},
    details:
      'Windows of the editor and workers start it detached and watch its state in the user’s folder.',
    run: async (context) => {
      const input = parseJobInput(await context.io.readStdin());
      const { env } = context.io;
      const killAt = env['REFPOINT_KILL_AT'];
      const result = await runJobInput(input, userFolder(env), killAt, context.signal);
      if (result === undefined) return 130;
      context.print(result, () => `${input.title}: ${result.summary}.`);
      return result.damaged.length === 0 ? 0 : 1;
    },
  },
];
