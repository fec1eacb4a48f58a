import { fileError } from '../../source/platform/file-errors.ts';
import { cliError } from './cli-errors.ts';

/**
 * Converts a failed write to stdout, such as a full disk or a closed terminal, to an error of this
 * program.
 */
export function outputError(error: Error): ReturnType<typeof cliError> {
  const { message } = fileError(error, 'write to', 'stdout');
  return cliError('output.write', message, { cause: error });
}
