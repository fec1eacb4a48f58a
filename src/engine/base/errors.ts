import type { ErrorCode } from '../api/codes.ts';

/**
 * The one error class of the engine.
 *
 * `code` is the stable name that users, logs and scripts see; each area declares the closed union
 * of its codes with `defineErrors`. The three flags decide whether to retry, whether to ask the
 * user and what to mark as damaged; the text never does.
 */

export interface ErrorFlags {
  /** Repeating the same operation cannot succeed. */
  readonly permanent: boolean;
  /** The user can fix the cause (a wrong password, a full disk, a typing error). */
  readonly userFixable: boolean;
  /** Stored data is damaged. */
  readonly damage: boolean;
}

/**
 * JSON-safe facts about an error: what was found, what was expected, where. Never holds a secret.
 */
export type ErrorData = Readonly<
  Record<string, string | number | boolean | null | readonly string[]>
>;

export interface ErrorDetails {
  readonly data?: ErrorData;
  readonly cause?: unknown;
}

/** An error as JSON, for other processes. */
export interface ErrorJson extends ErrorFlags {
  readonly code: string;
  readonly message: string;
  readonly data: ErrorData;
}

export class EngineError<Code extends ErrorCode = ErrorCode> extends Error implements ErrorFlags {
  override readonly name = 'EngineError';
  readonly code: Code;
  readonly data: ErrorData;
  readonly permanent: boolean;
  readonly userFixable: boolean;
  readonly damage: boolean;

  constructor(code: Code, message: string, flags: ErrorFlags, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.data = details.data ?? {};
    this.permanent = flags.permanent;
    this.userFixable = flags.userFixable;
    this.damage = flags.damage;
  }

  toJSON(): ErrorJson {
    const { code, message, data, permanent, userFixable, damage } = this;
    return { code, message, data, permanent, userFixable, damage };
  }
}

/** Creates errors of one area: `throw vhdxError('vhdx.header.checksum', 'text', { data })`. */
export interface ErrorFactory<Code extends ErrorCode> {
  (code: Code, message: string, details?: ErrorDetails): EngineError<Code>;
  /** Every code of the area with its flags: the contract with error handlers (api/API.md). */
  readonly flags: Readonly<Record<Code, ErrorFlags>>;
}

/**
 * Creates an area's error factory from a table of codes and their flags (absent flags are false).
 */
export function defineErrors<Code extends ErrorCode>(
  table: Readonly<Record<Code, Partial<ErrorFlags>>>,
): ErrorFactory<Code> {
  const entries = Object.entries<Partial<ErrorFlags>>(table).map(
    ([code, { permanent = false, userFixable = false, damage = false }]) =>
      [code, { permanent, userFixable, damage }] as const,
  );
  const flags = Object.fromEntries(entries) as Record<Code, ErrorFlags>;
  const make = (code: Code, message: string, details?: ErrorDetails): EngineError<Code> =>
    new EngineError(code, message, flags[code], details);
  return Object.assign(make, { flags });
}

/** The codes of an area, for exhaustive tables elsewhere: `CodesOf<typeof vhdxError>`. */
export type CodesOf<Factory> = Factory extends ErrorFactory<infer Code> ? Code : never;

export function isEngineError<Code extends ErrorCode>(
  value: unknown,
  ...codes: readonly Code[]
): value is EngineError<Code> {
  return (
    value instanceof EngineError &&
    (codes.length === 0 || (codes as readonly string[]).includes(value.code))
  );
}
