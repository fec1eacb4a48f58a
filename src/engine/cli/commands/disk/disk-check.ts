import type { CheckFinding } from '../../../api/disk-check.ts';
import { FORMAT_NAMES } from '../../../disk/formats/formats.ts';
import { checkImage } from '../../../operations/disk/check-image.ts';
import type { Command } from '../../contract/command.ts';
import { EXIT } from '../../contract/exit.ts';
import { choice, localPath } from '../../options/option-values.ts';
import { inLine } from '../../terminal/text.ts';
import { wrapped } from '../../terminal/wrapped.ts';
import { OPEN_OPTIONS } from './open-image.ts';

/** `disk check`: the broken rules of an image, and with `--chain` of its parents. */
export const DISK_CHECK: Command = {
  name: 'disk check',
  summary: 'Checks the structures of an image. Exit status 1 if an error was found.',
  args: [{ name: 'IMAGE', help: 'a disk image' }],
  options: {
    chain: { type: 'flag', help: 'Check its parents too, and how they fit together.' },
    format: {
      type: 'value',
      value: 'FORMAT',
      help: `Read the file as ${FORMAT_NAMES.join(' or ')}, without detection.`,
    },
    search: OPEN_OPTIONS.search,
  },
  details:
    'Changes nothing. Each finding has a stable code; docs/disk-findings.md says what it means, what Windows does, and what to do.',
  run: async (context) => {
    const format = choice(context, 'format', [...FORMAT_NAMES, 'auto'], 'auto');
    const request = {
      path: localPath(context, context.args[0] ?? ''),
      chain: context.options.flag('chain'),
      search: context.options.texts('search').map((text) => localPath(context, text)),
      ...(format === 'auto' ? {} : { format }),
    };
    const result = await checkImage(request, context.signal);
    context.print(result, () => describe(result.findings));
    return result.findings.some(({ severity }) => severity === 'error') ? EXIT.no : EXIT.done;
  },
};

function describe(findings: readonly CheckFinding[]): string {
  if (findings.length === 0) return 'No findings.';
  const counts = (['error', 'warning', 'info'] as const).flatMap((severity) => {
    const count = findings.filter((each) => each.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}`];
  });
  return [...findings.map(findingText), counts.join(', ')].join('\n\n');
}

function findingText(finding: CheckFinding): string {
  const { severity, code, message, path, offset, range, section, fix } = finding;
  const place = offset === undefined ? path : `${path}, byte ${offset} (0x${offset.toString(16)})`;
  const lines = [
    `${severity}: ${code}`,
    ...wrapped(inLine(message)),
    ...wrapped(`at ${inLine(place)}`),
  ];
  if (range !== undefined) {
    lines.push(...wrapped(`bytes ${range.start} to ${range.start + range.length} of the disk`));
  }
  if (section !== undefined) lines.push(...wrapped(`rule: ${section}`));
  if (fix !== undefined) lines.push(...wrapped(`to do: ${fix}`));
  return lines.join('\n');
}
