/**
 * An error as the engine's clients receive it: the `data` of a JSON-RPC error of code ENGINE_ERROR.
 */
export interface ErrorInfo {
  /** Stable name, such as `http.auth.failed`. `internal` is a bug in Refpoint. */
  readonly code: string;
  /** States what was found, what was expected, and where. */
  readonly message: string;
  readonly data: Readonly<Record<string, string | number | boolean | null | readonly string[]>>;
  /** Repeating the same request cannot succeed. */
  readonly permanent: boolean;
  /** The user can fix the cause. */
  readonly userFixable: boolean;
  /** Stored data is damaged. */
  readonly damage: boolean;
}

/** JSON-RPC error code that carries an ErrorInfo. */
export const ENGINE_ERROR = -32_050;
/** RequestCancelled of the Language Server Protocol. */
export const CANCELLED = -32_800;
