import type { WindowsDisk } from '../../../api/windows/windows-disk.ts';
import type { DiskInfo } from '../../../disk/tools/disk-info.ts';
import { askWindows } from '../../../operations/windows/windows-answers.ts';
import type { Context, OptionSpec } from '../../contract/command.ts';
import { facts } from '../../terminal/text.ts';

export const WINDOWS_OPTION = {
  windows: {
    type: 'flag',
    help: "Also print Windows' own answers about the image, and mark differences. Windows only.",
  },
} as const satisfies Readonly<Record<string, OptionSpec>>;

/** Asks Windows about the image if --windows was given. Throws `virtdisk.*`. */
export async function windowsAnswers(
  { options, signal }: Context,
  info: DiskInfo,
): Promise<WindowsDisk | undefined> {
  if (!options.flag('windows')) return undefined;
  return askWindows({ path: info.path, withoutParents: false }, info, signal);
}

/** Describes Windows' answers, one line for each kind of information, then the differences. */
export function windowsLines(windows: WindowsDisk | undefined): readonly string[] {
  if (windows === undefined) return [];
  const rows = Object.entries(windows.information).map(([kind, answer]): [string, string] => [
    `Windows ${kind}`,
    answer.ok
      ? valueText(answer.value)
      : `${answer.error.name ?? answer.error.hex}: ${answer.error.meaning}`,
  ]);
  return [
    facts(rows),
    ...windows.differences.map(
      ({ field, refpoint, windows: theirs }) =>
        `different: ${field} is ${refpoint} as Refpoint reads it, ${theirs} as Windows does`,
    ),
  ];
}

function valueText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([name, each]) => `${name} ${Array.isArray(each) ? each.join(', ') : String(each)}`)
    .join(', ');
}
