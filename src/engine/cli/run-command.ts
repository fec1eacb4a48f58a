import { EngineError, isEngineError } from '../base/errors.ts';
import { LOG_LEVELS, logAt, type LogLevel } from '../base/log.ts';
import { noProgress } from '../base/progress.ts';
import { errorFields, type ErrorFields } from './terminal/error-text.ts';
import { cliError, usage } from './contract/cli-errors.ts';
import type { Command, Context, Io } from './contract/command.ts';
import { commandHelp, overallHelp } from './terminal/help.ts';
import { findCommand, optionsEnd, parseCommand } from './options/parse-arguments.ts';
import { closeTrace, openTrace } from './options/trace-option.ts';
import { ProgressBar } from './terminal/progress-bar.ts';
import { harmless, oneLine } from './terminal/text.ts';
import { allCommands, commandsOf } from './commands.ts';
import { VERSION } from '../base/version.ts';

import { EXIT } from './contract/exit.ts';

/** Runs one command line and returns its exit status. All output goes through `io`. */
export async function runCommandLine(
  given: readonly string[],
  io: Io,
  signal: AbortSignal,
): Promise<number> {
  // `help disk convert` is `disk convert --help`.
  const words = given[0] === 'help' && given.length > 1 ? [...given.slice(1), '--help'] : given;
  const json = words.slice(0, optionsEnd(words)).includes('--json');
  let debug = false;
  try {
    const [first] = words;
    if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
      io.out(overallHelp(await allCommands(), VERSION));
      return first === undefined ? EXIT.usage : EXIT.done;
    }
    if (first === '--version' || first === 'version') {
      io.out(`${VERSION}\n`);
      return EXIT.done;
    }
    const commands = await commandsOf(first);
    const group = commands.filter((each) => each.name.startsWith(`${first} `));
    const isCommand = commands.some(({ name }) => name === first);
    if (group.length > 0 && !isCommand && words[1] === '--help') {
      io.out(overallHelp(group, VERSION));
      return EXIT.done;
    }
    const { command, rest } = findCommand(commands, words);
    const { options, args } = parseCommand(command, rest);
    if (options.flag('help')) {
      io.out(commandHelp(command));
      return EXIT.done;
    }
    const level = logLevel(options.text('log-level'));
    debug = level === 'debug' || level === 'trace';
    return await runParsed(command, { args, options, json, level }, io, signal);
  } catch (error) {
    return reportError(error, io, { json, debug, signal });
  }
}

async function runParsed(
  command: Command,
  parsed: Pick<Context, 'args' | 'options' | 'json'> & { readonly level: LogLevel },
  io: Io,
  signal: AbortSignal,
): Promise<number> {
  const drawn = io.errIsTerminal && !parsed.options.flag('quiet');
  const bar = drawn ? new ProgressBar(io.err, io.columns, io.env['TERM'] === 'dumb') : undefined;
  const log = logAt(parsed.level, (record) => {
    bar?.clear();
    io.err(`${record.level}: ${harmless(oneLine(record.message))}\n`);
    const envelope = record.level === 'trace' ? record.data?.['envelope'] : undefined;
    if (typeof envelope === 'string') io.err(`${harmless(envelope)}\n`);
  });
  const trace = await openTrace(command, parsed.options, io);
  const context: Context = {
    io,
    args: parsed.args,
    options: parsed.options,
    json: parsed.json,
    progress: bar ?? noProgress,
    log,
    trace,
    signal,
    print: (document, human) => {
      bar?.clear();
      const text = parsed.json ? `${JSON.stringify(document, undefined, 2)}\n` : harmless(human());
      io.out(text.endsWith('\n') || text === '' ? text : `${text}\n`);
    },
  };
  try {
    return (await command.run(context)) ?? EXIT.done;
  } finally {
    await closeTrace(trace, (level, message) => log({ level, area: 'trace', message }));
    bar?.clear();
  }
}

function logLevel(text: string | undefined): LogLevel {
  if (text === undefined) return 'warn';
  if ((LOG_LEVELS as readonly string[]).includes(text)) return text as LogLevel;
  throw usage(`Invalid value “${text}” of --log-level: expected ${LOG_LEVELS.join(', ')}`);
}

/** Formats an error for people: one sentence and the code. */
export function errorText({ code, message }: Pick<ErrorFields, 'code' | 'message'>): string {
  const joined = oneLine(message);
  return harmless(`${joined}${/[.!?]$/.test(joined) ? '' : '.'}\n(${code})\n`);
}

function errorDocument({ code, message, data, userFixable }: ErrorFields): string {
  return `${JSON.stringify({ error: { code, message, data, userFixable } }, undefined, 2)}\n`;
}

/** Prints an error: `errorText` for people, or the whole error as JSON. */
function reportError(
  error: unknown,
  io: Io,
  {
    json,
    debug,
    signal,
  }: { readonly json: boolean; readonly debug: boolean; readonly signal: AbortSignal },
): number {
  if (signal.aborted || isEngineError(error, 'interrupted')) {
    if (json) io.out(errorDocument(errorFields(cliError('interrupted', 'Interrupted'))));
    else io.err('Interrupted.\n');
    return EXIT.interrupted;
  }
  const fields = errorFields(error);
  const { code, message } = fields;
  if (json) io.out(errorDocument(fields));
  else io.err(errorText({ code, message }));
  if (debug || !(error instanceof EngineError)) io.err(`${(error as Error).stack ?? ''}\n`);
  if (code === 'usage') {
    if (!json) io.err('See refpoint --help, or COMMAND --help.\n');
    return EXIT.usage;
  }
  return EXIT.failed;
}
