import type { ErrorInfo } from '../../engine/api/errors.ts';
import { CANCELLED, ENGINE_ERROR } from '../../engine/api/errors.ts';

/** An error that the engine answered. */
export class EngineFailure extends Error {
  override readonly name = 'EngineFailure';
  readonly info: ErrorInfo;

  constructor(info: ErrorInfo) {
    super(info.message);
    this.info = info;
  }
}

/** The person, or whoever waits, no longer wants the answer. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}

/** What a rejected request means. */
export function fromRejection(error: unknown): Error {
  const { code, data, message } = (error ?? {}) as {
    readonly code?: unknown;
    readonly data?: unknown;
    readonly message?: unknown;
  };
  if (code === CANCELLED) return new Cancelled('cancelled');
  if (code === ENGINE_ERROR && isErrorInfo(data)) return new EngineFailure(data);
  return new EngineFailure({
    code: 'engine.lost',
    message: typeof message === 'string' ? message : String(error),
    data: {},
    permanent: false,
    userFixable: false,
    damage: false,
  });
}

function isErrorInfo(value: unknown): value is ErrorInfo {
  return typeof (value as ErrorInfo | undefined)?.code === 'string';
}
