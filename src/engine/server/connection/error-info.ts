import type { ErrorInfo } from '../../api/errors.ts';
import { EngineError } from '../../base/errors.ts';

/** An error as it crosses to the extension. What is not ours is `internal`: a fault of the engine. */
export function errorInfo(error: unknown): ErrorInfo {
  if (error instanceof EngineError) return error.toJSON();
  const text = error instanceof Error ? error.message : String(error);
  return {
    code: 'internal',
    // What follows the first line is a trace or a listing: for the log.
    message: text.split('\n', 1)[0] ?? '',
    data: {},
    permanent: false,
    userFixable: false,
    damage: false,
  };
}
