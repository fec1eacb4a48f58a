import { EngineError } from '../../../base/errors.ts';

/**
 * Adds the file's path to an error of a decoder, which does not know it. Errors that already name a
 * path, and those of sources, pass unchanged.
 */
export function errorInVhd(error: EngineError, name: string): EngineError;
export function errorInVhd(error: unknown, name: string): unknown;
export function errorInVhd(error: unknown, name: string): unknown {
  if (!(error instanceof EngineError) || error.data['path'] !== undefined) return error;
  if (!error.code.startsWith('vhd.')) return error;
  const data = { ...error.data, path: name };
  return new EngineError(error.code, `${name}: ${error.message}`, error, { data, cause: error });
}
