export interface ProgressRecord {
  readonly progressToken: string;
  readonly phase: string;
  readonly done: number;
  readonly total: number;
}

/** Parts of a result that is not complete yet, in the order of arrival. */
export interface PartRecord {
  readonly partialResultToken: string;
  readonly rows: readonly unknown[];
}

export interface LogRecord {
  readonly level: 'error' | 'warn' | 'info' | 'debug' | 'trace';
  readonly area: string;
  readonly message: string;
  readonly data: string;
}

/** One protocol exchange with a host, without credentials. */
export interface ExchangeRecord {
  readonly host: string;
  readonly action: string;
  readonly milliseconds: number;
  readonly outcome: string;
}

/** Versions and capabilities of the engine's runtime. */
export interface Environment {
  readonly version: string;
  readonly node: string;
  readonly platform: string;
  readonly arch: string;
  readonly pid: number;
  /** koffi's version, or the reason why it does not load. */
  readonly koffi: { readonly loaded: boolean; readonly detail: string };
  readonly home: string;
}
