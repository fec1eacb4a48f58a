/** An error as it crosses the border of the engine: in the `data` of a JSON-RPC error of code ENGINE_ERROR. */
export interface ErrorInfo {
  /** Stable name, such as `http.auth.failed`. `internal` is a fault of ours. */
  readonly code: string;
  /** A sentence: what was found, what was expected, where. */
  readonly message: string;
  readonly data: Readonly<Record<string, string | number | boolean | null | readonly string[]>>;
  /** Trying the same again cannot succeed. */
  readonly permanent: boolean;
  /** The person can mend it. */
  readonly userFixable: boolean;
  /** Stored data is not what it should be. */
  readonly damage: boolean;
}

/** JSON-RPC error code that carries an ErrorInfo. */
export const ENGINE_ERROR = -32_050;
/** LSP's RequestCancelled. */
export const CANCELLED = -32_800;
