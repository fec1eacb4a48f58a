import { parseArgs, type ParseArgsConfig } from 'node:util';
import { usage } from '../contract/cli-errors.ts';
import { ParsedOptions, type Command, type OptionSpec } from '../contract/command.ts';

type Specs = Readonly<Record<string, OptionSpec>>;

/** Options that every command has. */
export const COMMON_OPTIONS: Specs = {
  json: { type: 'flag', help: 'Print one JSON document.' },
  quiet: { type: 'flag', help: 'No progress.' },
  'log-level': {
    type: 'value',
    value: 'LEVEL',
    help: 'error, warn (default), info, debug or trace.',
  },
  help: { type: 'flag', help: 'Show this help.' },
};

/** Finds the command with the longest name that the words begin with. Throws `usage`. */
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
  throw usage(`Unknown command “${typed}”. ${hint}`);
}

/** Parses the options and positional arguments of a command. Throws `usage`. */
export function parseCommand(
  command: Command,
  words: readonly string[],
): { readonly options: ParsedOptions; readonly args: readonly string[] } {
  const specs: Specs = { ...COMMON_OPTIONS, ...command.options };
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
      args: joinNegative(words, specs),
      options: config,
      allowPositionals: true,
      strict: true,
    });
    const options = new ParsedOptions(values as ConstructorParameters<typeof ParsedOptions>[0]);
    if (!options.flag('help')) checkArguments(command, positionals);
    return { options, args: positionals };
  } catch (error) {
    throw usageOf(error as Error, specs, words);
  }
}

function checkArguments(command: Command, args: readonly string[]): void {
  const missing = command.args[args.length];
  if (missing !== undefined && missing.several !== true) {
    throw usage(`${missing.name} is missing: ${missing.help}`);
  }
  if (args.length > command.args.length && command.args.at(-1)?.several !== true) {
    throw usage(`Unexpected argument “${args[command.args.length]}”`);
  }
}

/**
 * Joins `--offset -1` to `--offset=-1`. Node would read `-1` as an option; the reader of the number
 * has the better message.
 */
function joinNegative(words: readonly string[], specs: Specs): string[] {
  const joined: string[] = [];
  const end = optionsEnd(words);
  for (let i = 0; i < words.length; i++) {
    const [word = '', next = ''] = [words[i], words[i + 1]];
    const takes = i + 1 < end && takesValue(word, specs);
    if (!takes || !/^-[\d.]/.test(next)) joined.push(word);
    else {
      joined.push(`${word}=${next}`);
      i++;
    }
  }
  return joined;
}

const takesValue = (word: string, specs: Specs): boolean =>
  word.startsWith('--') &&
  Object.hasOwn(specs, word.slice(2)) &&
  specs[word.slice(2)]?.type !== 'flag';

/** Returns the index at which options end: no word after `--` is an option. */
export function optionsEnd(words: readonly string[]): number {
  const end = words.indexOf('--');
  return end < 0 ? words.length : end;
}

/**
 * Converts Node's parse error to `usage` in our words: an unknown option with the nearest known
 * one, a missing value, or an unexpected one.
 */
function usageOf(error: Error & { code?: string }, specs: Specs, words: readonly string[]): Error {
  const names = Object.keys(specs);
  const unknown = /Unknown option '(--?[^']+)'/.exec(error.message)?.[1];
  if (unknown !== undefined) {
    const near = nearest(unknown.replace(/^--?/, ''), names);
    return usage(
      `Unknown option ${unknown}.${near === undefined ? '' : ` Did you mean --${near}?`}`,
    );
  }
  const option = /'--([^ '=]+)/.exec(error.message)?.[1] ?? '';
  const spec = specs[option];
  if (error.code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE' && spec !== undefined) {
    if (spec.type === 'flag') return usage(`--${option} takes no value`);
    const next = words[words.indexOf(`--${option}`) + 1];
    const needs = `--${option} requires a value (${spec.value ?? 'VALUE'})`;
    if (next === undefined) return usage(`${needs}, but it is the last word`);
    return usage(`${needs}; for the value “${next}”, write --${option}=${next}`);
  }
  if (error.code?.startsWith('ERR_PARSE_ARGS') === true) {
    return usage(error.message.split('.')[0] ?? error.message);
  }
  return error;
}

/**
 * Returns the most similar name, at most two edits or a third of its length away; undefined if
 * there is no such name.
 */
function nearest(text: string, names: readonly string[]): string | undefined {
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
