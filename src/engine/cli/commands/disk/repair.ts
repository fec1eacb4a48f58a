import { STORE_MARKER } from '../../../backup/store/contract/layout.ts';
import type { CheckFinding, RepairStep, Repaired } from '../../../api/disk-check.ts';
import { repairDisk } from '../../../disk/repair/repair-disk.ts';
import { undoRepair } from '../../../disk/repair/undo-repair.ts';
import { usage } from '../../contract/cli-errors.ts';
import type { Command, Context } from '../../contract/command.ts';
import { EXIT } from '../../contract/exit.ts';
import { localPath } from '../../options/option-values.ts';
import { inLine } from '../../terminal/text.ts';
import { IMAGE, OPEN_OPTIONS, openOptions } from './open-image.ts';

export const REPAIR: Command = {
  name: 'disk repair',
  summary: 'Repairs what the rest of an image proves. Exit status 1 if errors are left.',
  args: [{ ...IMAGE, help: 'the damaged disk image' }],
  options: {
    to: {
      type: 'value',
      value: 'COPY',
      help: 'The repaired copy; NAME.repaired.EXT beside IMAGE if absent.',
    },
    'in-place': { type: 'flag', help: 'Repair IMAGE itself, and keep its old bytes.' },
    yes: { type: 'flag', help: 'Repair. Without it, only tell what would be done.' },
    undo: {
      type: 'value',
      value: 'RECORD',
      help: 'Bring back the bytes from before a repair in place.',
    },
    force: { type: 'flag', help: 'Replace COPY if it exists.' },
    format: OPEN_OPTIONS.format,
    search: OPEN_OPTIONS.search,
  },
  details:
    'Repairs nothing that would be a guess: use disk rescue for the rest. The repaired image is checked again. ' +
    'In place, the old bytes are first written to a file beside IMAGE, whose name is printed; files of a store are refused. ' +
    'After an interruption, --undo brings the old bytes back; it refuses an image that was changed since.',
  run: async (context) => {
    const file = localPath(context, context.args[0] ?? '');
    const record = context.options.text('undo');
    if (record !== undefined) return undo(context, file, record);
    const { flag, to } = targetOf(context);
    const repaired = await repairDisk(
      file,
      {
        open: openOptions(context),
        to,
        inPlace: flag,
        replace: context.options.flag('force'),
        confirmed: context.options.flag('yes'),
        storeMarker: STORE_MARKER,
      },
      context.progress,
      context.signal,
    );
    context.print(repaired, () => describe(repaired));
    return repaired.left.some(({ severity }) => severity === 'error') ? EXIT.no : EXIT.done;
  },
};

function targetOf(context: Context): { readonly flag: boolean; readonly to: string | undefined } {
  const to = context.options.text('to');
  const flag = context.options.flag('in-place');
  if (flag && to !== undefined) throw usage('--to makes a copy and --in-place does not: use one');
  return { flag, to: to === undefined ? undefined : localPath(context, to) };
}

async function undo(context: Context, file: string, record: string): Promise<void> {
  if (context.options.flag('in-place') || context.options.text('to') !== undefined) {
    throw usage('--undo is used alone');
  }
  const path = localPath(context, record);
  const undone = await undoRepair(file, path, { storeMarker: STORE_MARKER }, context.signal);
  context.print(undone, () => `${file} has its old bytes again. ${path} is removed.`);
}

function describe({ target, done, would, left, undo: record }: Repaired): string {
  const lines: string[] = [];
  if (would.length > 0) lines.push('With --yes:', ...would.map(stepText));
  if (done.length > 0) lines.push('Done:', ...done.map(stepText));
  if (would.length + done.length === 0) lines.push('Nothing can be repaired without a guess.');
  if (left.length > 0) lines.push('Left:', ...left.map(leftText));
  lines.push(would.length > 0 ? `The repaired image would be ${target}.` : `Image: ${target}`);
  if (record !== null) lines.push(`Old bytes: ${record}`);
  return lines.join('\n');
}

const stepText = ({ code, offset, what }: RepairStep): string =>
  `  ${code} at ${offset}: ${inLine(what)}`;

const leftText = ({ code, severity, message }: CheckFinding): string =>
  `  ${severity} ${code}: ${inLine(message)}`;
