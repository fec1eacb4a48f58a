import { plainText } from '../../views/common/plain-text.ts';

/** Of a line: its facts stand at its end. */
const LONGEST = 16_384;

/** The log of a job, one line for each record: time, level, area, what happened, and its facts. */
export function logText(ndjson: string): string {
  const lines = ndjson.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => `${lineText(line)}\n`).join('');
}

function lineText(line: string): string {
  const record = parse(line);
  // The last line of a process that died may be half a record.
  if (record === undefined) return plainText(line, LONGEST);
  const { time = '', level = '', area = '', message = '', data } = record;
  const facts = data === undefined ? '' : ` ${JSON.stringify(data)}`;
  return plainText(`${time} [${level}] ${area}: ${message}${facts}`, LONGEST);
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
