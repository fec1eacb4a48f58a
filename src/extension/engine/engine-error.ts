import type { ErrorInfo } from '../../engine/api/errors.ts';
import { CANCELLED, ENGINE_ERROR } from '../../engine/api/errors.ts';

/** An error that the engine answered, or one of the engine itself (`engine.*`). */
export class EngineFailure extends Error {
  override readonly name = 'EngineFailure';
  readonly info: ErrorInfo;

  constructor(info: ErrorInfo) {
    super(info.message);
    this.info = info;
  }
}

/** The request was cancelled by the user or by the caller. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}

/** Errors of the engine's process: all are temporary, and the user cannot fix them. */
export function engineFailure(
  code: 'engine.start' | 'engine.lost' | 'engine.crashing' | 'engine.stopped',
  message: string,
): EngineFailure {
  const flags = { permanent: code === 'engine.stopped', userFixable: false, damage: false };
  return new EngineFailure({ code, message, data: {}, ...flags });
}

/** JSON-RPC's own refusals: a method or params that the engine does not know. Another engine would answer the same. */
const REFUSED: ReadonlySet<unknown> = new Set([-32_700, -32_600, -32_601, -32_602, -32_603]);

/** Converts a rejected request; `lost` is the sentence for an engine that went away meanwhile. */
export function fromRejection(error: unknown, lost: string): Error {
  const { code, data, message } = (error ?? {}) as {
    readonly code?: unknown;
    readonly data?: unknown;
    readonly message?: unknown;
  };
  if (code === CANCELLED) return new Cancelled('cancelled');
  if (code === ENGINE_ERROR && isErrorInfo(data)) return new EngineFailure(data);
  if (!REFUSED.has(code)) return engineFailure('engine.lost', lost);
  return new EngineFailure({
    code: 'internal',
    message: typeof message === 'string' ? message : String(error),
    data: {},
    permanent: true,
    userFixable: false,
    damage: false,
  });
}

function isErrorInfo(value: unknown): value is ErrorInfo {
  return typeof (value as ErrorInfo | undefined)?.code === 'string';
}
