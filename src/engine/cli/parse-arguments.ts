import { parseArgs, type ParseArgsConfig } from 'node:util';
import { usage } from './cli-errors.ts';
import { ParsedOptions, type Command, type OptionSpec } from './command.ts';

/** Options of every command. */
export const COMMON_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  json: { type: 'flag', help: 'Print one JSON document.' },
  quiet: { type: 'flag', help: 'No progress.' },
  'log-level': {
    type: 'value',
    value: 'LEVEL',
    help: 'error, warn (default), info, debug or trace.',
  },
  help: { type: 'flag', help: 'Show this help.' },
};

/** Finds the command that the words begin with: the longest name that fits. Throws `usage`. */
export function findCommand(
  commands: readonly Command[],
  words: readonly string[],
): { readonly command: Command; readonly rest: readonly string[] } {
  const fitting = commands
    .filter((each) => {
      const parts = each.name.split(' ');
      return parts.every((part, i) => words[i] === part);
    })
    .sort((a, b) => b.name.length - a.name.length);
  const [command] = fitting;
  if (command !== undefined) return { command, rest: words.slice(command.name.split(' ').length) };
  const typed = words
    .filter((word) => !word.startsWith('-'))
    .slice(0, 2)
    .join(' ');
  const near = nearest(
    typed,
    commands.map((each) => each.name),
  );
  const hint = near === undefined ? 'See refpoint --help' : `Did you mean “${near}”?`;
  throw usage(`There is no command “${typed}”. ${hint}`);
}

/** Options and positional arguments of a command. Throws `usage`. */
export function parseCommand(
  command: Command,
  words: readonly string[],
): { readonly options: ParsedOptions; readonly args: readonly string[] } {
  const specs = { ...COMMON_OPTIONS, ...command.options };
  const config: ParseArgsConfig['options'] = Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [
      name,
      {
        type: spec.type === 'flag' ? ('boolean' as const) : ('string' as const),
        multiple: spec.type === 'values',
      },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      options: config,
      allowPositionals: true,
      strict: true,
    });
    const options = new ParsedOptions(values as ConstructorParameters<typeof ParsedOptions>[0]);
    if (!options.flag('help')) checkArguments(command, positionals);
    return { options, args: positionals };
  } catch (error) {
    throw usageOf(error as Error, Object.keys(specs));
  }
}

function checkArguments(command: Command, args: readonly string[]): void {
  const missing = command.args[args.length];
  if (missing !== undefined) throw usage(`${missing.name} is missing: ${missing.help}`);
  if (args.length > command.args.length) {
    throw usage(`“${args[command.args.length]}” is one argument too many`);
  }
}

/** Node's text of an unknown option, with the nearest one that exists. */
function usageOf(error: Error & { code?: string }, names: readonly string[]): Error {
  const unknown = /Unknown option '(--?[^']+)'/.exec(error.message)?.[1];
  if (unknown !== undefined) {
    const near = nearest(unknown.replace(/^--?/, ''), names);
    return usage(
      `There is no option ${unknown}.${near === undefined ? '' : ` Did you mean --${near}?`}`,
    );
  }
  if (error.code?.startsWith('ERR_PARSE_ARGS') === true) {
    return usage(error.message.split('.')[0] ?? error.message);
  }
  return error;
}

/** The most similar name within two letters, or a third of its length; undefined where none is. */
export function nearest(text: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const distance = editDistance(text, name);
    if (distance < least && distance <= Math.max(2, Math.floor(name.length / 3))) {
      least = distance;
      best = name;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
