/** One request to a host with its answer, as a recorder receives it: unsealed, without secrets. */
export interface Exchange {
  /** Number from `ExchangeRecorder.begin`: the order in which requests began. */
  readonly sequence: number;
  /** Number of the first attempt if this request repeats it, else null. */
  readonly retryOf: number | null;
  /** Host and port. */
  readonly host: string;
  /** Number of the connection in its pool, from 1; 0 if none was used. */
  readonly connection: number;
  /** Describes the request for people, without arguments. */
  readonly about: string;
  /** Action and resource URI of WS-Management; empty for Identify. */
  readonly action: string;
  readonly resource: string;
  /** Whether the request may change something on the host. */
  readonly changes: boolean;
  /** Time at which the request began to wait for a connection, in milliseconds since 1970. */
  readonly started: number;
  readonly timings: ExchangeTimings;
  /** Bytes of the bodies on the wire, before unsealing. */
  readonly sentBytes: number;
  readonly receivedBytes: number;
  /** HTTP status of the last answer; 0 without an answer. */
  readonly status: number;
  /** `ok`, `cancelled`, or the code of the error. */
  readonly outcome: string;
  /** Envelopes, without secrets and contents of files; the answer is empty if there was none. */
  readonly request: string;
  readonly answer: string;
}

/** Milliseconds since the exchange started; null for what did not happen. */
export interface ExchangeTimings {
  /** A connection of the pool was free. */
  readonly queued: number | null;
  /** The request was handed to the socket, after the login. */
  readonly sent: number | null;
  /** The head of the answer arrived. */
  readonly firstByte: number | null;
  readonly done: number;
}

/** Receives every exchange with a host. */
export interface ExchangeRecorder {
  /** Returns the number of the next exchange; 0 if it is not to be recorded. */
  begin(): number;
  /** Receives a finished exchange, successful or not. Returns at once and never throws. */
  record(exchange: Exchange): void;
}
