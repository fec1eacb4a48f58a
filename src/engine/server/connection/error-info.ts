import type { ErrorInfo } from '../../api/errors.ts';
import { EngineError } from '../../base/errors.ts';

/** Converts an error for the extension. A foreign error becomes `internal`: a bug of the engine. */
export function errorInfo(error: unknown): ErrorInfo {
  if (error instanceof EngineError) return error.toJSON();
  const text = error instanceof Error ? error.message : String(error);
  return {
    code: 'internal',
    // Text after the first line is a stack trace or a listing, which belongs in the log.
    message: text.split('\n', 1)[0] ?? '',
    data: {},
    permanent: false,
    userFixable: false,
    damage: false,
  };
}
