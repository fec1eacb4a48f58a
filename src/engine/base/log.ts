/** Logging of the engine: levels, a sink, and JSON-safe fields. Callers never log secrets. */
export const LOG_LEVELS = ['error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogRecord {
  readonly level: LogLevel;
  readonly area: string;
  readonly message: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

export type Log = (record: LogRecord) => void;

export const noLog: Log = () => undefined;

/** Forwards records at or above `level` to `sink`. */
export function logAt(level: LogLevel, sink: Log): Log {
  const limit = LOG_LEVELS.indexOf(level);
  return (record) => {
    if (LOG_LEVELS.indexOf(record.level) <= limit) sink(record);
  };
}
