/**
 * Recordings of the exchanges with hosts, as views and commands show them. The file is described in
 * `trace/TRACE.md`.
 */
export interface TraceInfo {
  readonly traceId: string;
  readonly path: string;
  /** Time at which the recording began (ISO 8601), and version of the program that made it. */
  readonly begun: string;
  readonly engine: string;
  /** Command line's words without options, or `workbench`; null if not recorded. */
  readonly command: string | null;
  readonly jobs: readonly TraceJob[];
  readonly hosts: readonly string[];
  readonly exchanges: number;
  readonly errors: number;
  readonly changing: number;
  /** Milliseconds from the first request to the last answer, and the longest exchange. */
  readonly milliseconds: number;
  readonly longest: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  /**
   * `complete`; `full`: the file reached its maximum size; `open`: it is still written, or its
   * process died.
   */
  readonly end: 'complete' | 'full' | 'open';
  /** Exchanges that the recording misses, and lines that cannot be read. */
  readonly lost: number;
  readonly unreadable: number;
}

export interface TraceJob {
  readonly id: string;
  readonly title: string;
}

/** Facts of an exchange, without its envelopes. */
export interface TraceRow {
  /** Order in which requests began, from 1. */
  readonly sequence: number;
  /** Number of the first attempt if this request repeats it, else null. */
  readonly retryOf: number | null;
  /** Protocol: WS-Management, calls of PowerShell, or SMB of a file server. */
  readonly protocol: 'wsman' | 'powershell' | 'smb';
  /** Host and port. */
  readonly host: string;
  /** Number of the connection in its pool, from 1; 0 if none was used. */
  readonly connection: number;
  /** Describes the request for people, without arguments. */
  readonly about: string;
  /** Action and resource URI of WS-Management, empty for Identify; function and class of PowerShell; command and share of SMB. */
  readonly action: string;
  readonly resource: string;
  /** Whether the request may change something on the host. */
  readonly changes: boolean;
  /** Time at which the request began to wait for a connection, in milliseconds since 1970. */
  readonly started: number;
  /** Milliseconds since `started` at which a connection was free; null if it did not happen. */
  readonly queued: number | null;
  /** The same for the time at which the request was handed to the socket, after the login. */
  readonly sent: number | null;
  /** The same for the head of the answer. */
  readonly firstByte: number | null;
  /** The same for the end of the exchange. */
  readonly done: number;
  /** Bytes of the bodies on the wire, before unsealing. */
  readonly sentBytes: number;
  readonly receivedBytes: number;
  /** HTTP status of the last answer; 0 without an answer. */
  readonly status: number;
  /** `ok`, `cancelled`, or the code of the error. */
  readonly outcome: string;
  /** ID of the job that made the request, and what it was doing. */
  readonly job: string | null;
  readonly phase: string | null;
}

export const TRACE_FILTERS = ['all', 'errors', 'changing', 'slow'] as const;

export interface TraceFilter {
  readonly kind: (typeof TRACE_FILTERS)[number];
  /** Minimum duration of a slow exchange, in milliseconds. */
  readonly slowMs: number;
  /** Part of the call's description, its outcome or its phase, in any case; empty: every exchange. */
  readonly text: string;
}

export interface TracePageRequest {
  readonly traceId: string;
  readonly filter: TraceFilter;
  /** First row, and number of rows: at most 1000. */
  readonly start: number;
  readonly count: number;
}

export interface TracePage {
  /** Number of rows that pass the filter. */
  readonly total: number;
  readonly rows: readonly TraceRow[];
}

/** One row of two recordings side by side: the same call in both, or a call of one of them. */
export interface TracePair {
  readonly left: TraceRow | null;
  readonly right: TraceRow | null;
}

export interface TraceComparisonRequest extends TracePageRequest {
  readonly otherId: string;
  /** Only calls that are missing in one recording, or ended differently. */
  readonly differences: boolean;
}

export interface TraceComparison {
  readonly total: number;
  /** Calls that only one recording has, and calls that ended differently. */
  readonly onlyLeft: number;
  readonly onlyRight: number;
  readonly unlike: number;
  readonly pairs: readonly TracePair[];
}

export interface TraceExchange {
  readonly row: TraceRow;
  readonly request: TraceBody;
  readonly answer: TraceBody;
}

/** One envelope of a recording. */
export interface TraceBody {
  /** Text as recorded, with lines and indents between the elements if it is XML. */
  readonly text: string;
  /** Characters that the recording left out at the end. */
  readonly cut: number;
  /** Decoded envelope; null if the text is neither XML nor words of SMB. */
  readonly tree: TraceNode | null;
  /** Reason for a missing tree. */
  readonly problem: string | null;
}

export interface TraceNode {
  readonly name: string;
  /** Text of an element without children; empty otherwise. */
  readonly value: string;
  readonly attributes: readonly (readonly [string, string])[];
  readonly children: readonly TraceNode[];
}
