import path from 'node:path';
import type { LogLevel } from '../../base/log.ts';
import { VERSION } from '../../base/version.ts';
import { TraceWriter } from '../../trace/write/trace-writer.ts';
import type { Command, Io, OptionSpec, ParsedOptions } from '../contract/command.ts';

export const TRACE_OPTION: Readonly<Record<'trace', OptionSpec>> = {
  trace: {
    type: 'value',
    value: 'FILE',
    help: 'Record every exchange with the host, without secrets; see trace show.',
  },
};

/** Opens the recording that --trace asks for. Throws `trace.file`. */
export async function openTrace(
  { name, options: specs }: Command,
  options: ParsedOptions,
  { cwd }: Pick<Io, 'cwd'>,
): Promise<TraceWriter | undefined> {
  const file = specs['trace'] === undefined ? undefined : options.text('trace');
  if (file === undefined) return undefined;
  const time = new Date().toISOString();
  return TraceWriter.open(path.resolve(cwd, file), { time, engine: VERSION, command: name });
}

/** Closes the recording, and says so if it misses exchanges. */
export async function closeTrace(
  trace: TraceWriter | undefined,
  warn: (level: LogLevel, text: string) => void,
): Promise<void> {
  if (trace === undefined) return;
  const { exchanges, lost, problem } = await trace.close();
  if (problem === undefined) return;
  warn(
    'warn',
    `The recording ${trace.path} is incomplete: ${problem}. It has ${exchanges} exchanges and misses ${lost}`,
  );
}
