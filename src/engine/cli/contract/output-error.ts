import { fileError } from '../../source/platform/file-errors.ts';
import { cliError } from './cli-errors.ts';

/** Why nothing more can be printed, as an error of ours: a full disk, a terminal that is gone. */
export function outputError(error: Error): ReturnType<typeof cliError> {
  const { message } = fileError(error, 'write to', 'stdout');
  return cliError('output.write', message, { cause: error });
}
