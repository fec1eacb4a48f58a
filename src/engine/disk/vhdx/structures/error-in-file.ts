import { EngineError } from '../../../base/errors.ts';

/**
 * The same error, saying in which file: of a chain of images a person must know the damaged one. Decoders of
 * bytes know no file. Errors that name a path already, and those of sources, pass as they are.
 */
export function errorInFile(error: EngineError, name: string): EngineError;
export function errorInFile(error: unknown, name: string): unknown;
export function errorInFile(error: unknown, name: string): unknown {
  if (!(error instanceof EngineError) || error.data['path'] !== undefined) return error;
  if (!error.code.startsWith('vhdx.') && !error.code.startsWith('bytes.')) return error;
  const data = { ...error.data, path: name };
  return new EngineError(error.code, `${name}: ${error.message}`, error, { data, cause: error });
}
