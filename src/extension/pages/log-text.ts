import { plainText } from '../../views/common/words/plain-text.ts';

/** Formats one line; its data comes last. */
const LONGEST = 16_384;

/**
 * The log of a job in words: one line for each record with its time, warnings and errors marked. Records for developers (debug, with
 * each request to the host) stay in the file, unless there are no others.
 */
export function logText(ndjson: string): string {
  const lines = ndjson.split('\n').filter((line) => line.trim() !== '');
  const records = lines.map((line) => parse(line) ?? line);
  const plain = records.filter((record) => typeof record === 'string' || !isDetail(record));
  const shown = plain.length > 0 ? plain : records;
  return shown.map((record) => `${lineText(record)}\n`).join('');
}

const isDetail = ({ level }: LogLine): boolean => level === 'debug' || level === 'trace';

function lineText(record: LogLine | string): string {
  // The last line of a process that died may be half a record.
  if (typeof record === 'string') return plainText(record, LONGEST);
  const { time = '', level = '', area = '', message = '', data } = record;
  if (isDetail(record)) {
    const facts = data === undefined ? '' : ` ${JSON.stringify(data)}`;
    return plainText(`${time} [${level}] ${area}: ${message}${facts}`, LONGEST);
  }
  const mark = level === 'info' || level === '' ? '' : `[${level}] `;
  return plainText(`${time} ${mark}${message}`, LONGEST);
}

interface LogLine {
  readonly time?: string;
  readonly level?: string;
  readonly area?: string;
  readonly message?: string;
  readonly data?: unknown;
}

function parse(line: string): LogLine | undefined {
  try {
    const value = JSON.parse(line) as unknown;
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
