import type { ErrorInfo } from '../../engine/api/errors.ts';
import { EngineFailure } from '../engine/engine-error.ts';

/** An error that the extension finds itself, in the form of those of the engine. */
export const ownFailure = (
  code: string,
  message: string,
  data: ErrorInfo['data'] = {},
): EngineFailure =>
  new EngineFailure({
    code,
    message,
    data,
    permanent: true,
    userFixable: true,
    damage: false,
  });

/** The code of an error of the engine; undefined for any other. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof EngineFailure ? error.info.code : undefined;
