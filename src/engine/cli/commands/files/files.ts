import { MAX_LISTED, type CopiedFiles, type GuestFile } from '../../../api/guest/guest-files.ts';
import { formatBytes } from '../../../base/format-bytes.ts';
import { copyGuestFiles, listGuestFiles } from '../../../operations/guest/guest-files.ts';
import { usage } from '../../contract/cli-errors.ts';
import type { Command, Context } from '../../contract/command.ts';
import { localPath, required } from '../../options/option-values.ts';
import { inLine, table, tableWidth } from '../../terminal/text.ts';
import { GUEST_OPTIONS, guestDisk, volumeNumber } from './guest-options.ts';

const READS =
  'Reads NTFS, FAT and ext2, ext3, ext4 as they are on the disk: a journal is not replayed. ';

/** The files of a guest, without restoring its disk. */
export const FILES_COMMANDS: readonly Command[] = [
  {
    name: 'files list',
    summary: 'Lists the files of a folder of a guest, in a point or an image.',
    args: [{ name: 'PATH', help: 'the folder, default /', several: true }],
    options: GUEST_OPTIONS,
    details: `${READS}The separator is /; links are not followed.`,
    run: (context) => list(context),
  },
  {
    name: 'files copy',
    summary: 'Copies files and folders of a guest to this computer.',
    args: [{ name: 'PATH', help: 'a file or folder; NAME:STREAM is a stream', several: true }],
    options: {
      ...GUEST_OPTIONS,
      to: { type: 'value', value: 'DIR', help: 'A folder; created if missing.' },
    },
    details: `${READS}Nothing is replaced, links are not copied, and names become names that every platform accepts. Exit status 1 if a file was skipped.`,
    run: (context) => copy(context),
  },
];

async function list(context: Context): Promise<void> {
  const [path = '/', ...more] = context.args;
  if (more.length > 0) throw usage('Name one folder');
  const request = { disk: await guestDisk(context), volume: volumeNumber(context), path };
  const pages = async (from: number) =>
    listGuestFiles({ ...request, from, count: MAX_LISTED }, context.signal);
  const first = await pages(0);
  const entries = [...first.entries];
  while (entries.length < first.total) {
    const { entries: next } = await pages(entries.length);
    if (next.length === 0) break;
    entries.push(...next);
  }
  context.print({ ...first, entries }, () =>
    table(['kind', 'size', 'modified', 'name'], entries.map(row), ['size'], {
      column: 'name',
      width: tableWidth(context.io),
    }),
  );
}

function row(file: GuestFile): string[] {
  const { kind, size, modified, name, target, notes, streams, problem } = file;
  const extra = [
    ...(target === null ? [] : [`-> ${target}`]),
    ...(notes.length === 0 ? [] : [`(${notes.join(', ')})`]),
    ...streams.map((stream) => `:${stream.name} ${formatBytes(stream.size)}`),
    ...(problem === null ? [] : [`(${problem.code})`]),
  ];
  const time = modified?.slice(0, 19).replace('T', ' ') ?? '';
  return [kind, kind === 'file' ? String(size) : '', time, [name, ...extra].join(' ')];
}

async function copy(context: Context): Promise<number> {
  const paths = context.args;
  if (paths.length === 0) throw usage('Name at least one file or folder');
  const to = localPath(context, required(context, 'to'));
  const disk = await guestDisk(context);
  const request = { disk, volume: volumeNumber(context), paths, to };
  const copied = await copyGuestFiles(request, context.progress, context.signal);
  context.print(copied, () => copiedText(copied));
  return copied.skippedCount > 0 ? 1 : 0;
}

function copiedText({ to, files, folders, bytes, renamed, ...rest }: CopiedFiles): string {
  const { skipped, skippedCount } = rest;
  const more = skippedCount - skipped.length;
  return [
    `Copied ${files} files (${formatBytes(bytes)}) and ${folders} folders to ${to}`,
    ...renamed.map(({ path, as }) => `renamed: ${inLine(path)} is ${as}`),
    ...skipped.map(({ message, code }) => `skipped: ${inLine(message)} (${code})`),
    ...(more > 0 ? [`skipped: ${more} more files`] : []),
  ].join('\n');
}
