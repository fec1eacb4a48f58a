import { formatBytes } from '../../base/format-bytes.ts';
import { compareDisks } from '../../disk/disk-compare.ts';
import { hashDisk } from '../../disk/disk-hash.ts';
import { diskInfo, type DiskInfo } from '../../disk/disk-info.ts';
import { mapDisk, type MapEntry } from '../../disk/disk-map.ts';
import { openDisk, type OpenedDisk } from '../../disk/open-disk.ts';
import type { Command, Context, OptionSpec } from '../command.ts';
import { usage } from '../cli-errors.ts';
import { byteCount, choice, localPath } from '../option-values.ts';
import { facts, table } from '../terminal/text.ts';

const IMAGE = { name: 'IMAGE', help: 'a disk image: VHDX, AVHDX or raw' };
const OPEN_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  format: {
    type: 'value',
    value: 'FORMAT',
    help: 'Take the file as vhdx or raw, whatever it looks like.',
  },
  search: { type: 'values', value: 'DIR', help: 'A further folder in which parents may lie.' },
};

export const DISK_COMMANDS: readonly Command[] = [
  {
    name: 'disk info',
    summary: 'What an image is: format, sizes, identity, blocks, parents.',
    args: [IMAGE],
    options: OPEN_OPTIONS,
    run: (context) =>
      withDisk(context, 0, async (opened) => {
        const info = await diskInfo(opened, context.signal);
        context.print(info, () => describe(info));
      }),
  },
  {
    name: 'disk map',
    summary: 'Which parts of a disk are data, zero or unallocated, and in which file.',
    args: [IMAGE],
    options: OPEN_OPTIONS,
    run: (context) => withDisk(context, 0, (opened) => printMap(context, opened)),
  },
  {
    name: 'disk compare',
    summary: 'Whether two images read the same. Exit status 0 equal, 1 different.',
    args: [IMAGE, { name: 'OTHER', help: 'the image to compare with' }],
    options: {
      ...OPEN_OPTIONS,
      strict: {
        type: 'flag',
        help: 'Different sizes are a difference even where the longer tail is zero.',
      },
    },
    run: (context) =>
      withDisk(context, 0, (a) =>
        withDisk(context, 1, async (b) => {
          const options = { strict: context.options.flag('strict') };
          const result = await compareDisks(
            a.disk,
            b.disk,
            options,
            context.progress,
            context.signal,
          );
          context.print(result, () =>
            result.equal ? 'Equal.' : `Different from byte ${result.firstDifference} on.`,
          );
          return result.equal ? 0 : 1;
        }),
      ),
  },
  {
    name: 'disk hash',
    summary: 'SHA-256 of the whole virtual disk, as if it were a raw file.',
    args: [IMAGE],
    options: OPEN_OPTIONS,
    run: (context) =>
      withDisk(context, 0, async ({ disk }) => {
        const result = await hashDisk(disk, context.progress, context.signal);
        context.print(result, () => result.hash);
      }),
  },
  {
    name: 'disk read',
    summary: 'Writes bytes of the virtual disk to stdout, raw.',
    args: [IMAGE],
    options: {
      ...OPEN_OPTIONS,
      offset: { type: 'value', value: 'N', help: 'First byte; 0 where not given.' },
      length: { type: 'value', value: 'N', help: 'Bytes; to the end where not given.' },
    },
    run: (context) => withDisk(context, 0, (opened) => readBytes(context, opened)),
  },
];

/** Opens the image of an argument for as long as `work` takes. */
async function withDisk<T>(
  context: Context,
  index: number,
  work: (opened: OpenedDisk) => Promise<T>,
): Promise<T> {
  const format = choice(context, 'format', ['vhdx', 'raw', 'auto'] as const, 'auto');
  const opened = await openDisk(
    localPath(context, context.args[index] ?? ''),
    {
      search: context.options.texts('search').map((text) => localPath(context, text)),
      ...(format === 'auto' ? {} : { format }),
    },
    context.signal,
  );
  try {
    return await work(opened);
  } finally {
    await opened.disk.close();
  }
}

function describe(info: DiskInfo): string {
  const size = (bytes: number): string => `${formatBytes(bytes)} (${bytes} bytes)`;
  const rows: [string, string][] = [
    ['image', info.path],
    ['format', info.subformat === null ? info.format : `${info.format}, ${info.subformat}`],
    ['virtual size', size(info.virtualSize)],
    ['file size', size(info.fileSize)],
    ['allocated', size(info.allocatedBytes)],
    [
      'sectors',
      `${info.logicalSectorSize} logical, ${info.physicalSectorSize ?? 'unknown'} physical`,
    ],
  ];
  if (info.blockSize !== null) rows.push(['block size', formatBytes(info.blockSize)]);
  if (info.blocks !== null) {
    const counted = Object.entries(info.blocks).filter(([, count]) => count > 0);
    rows.push(['blocks', counted.map(([name, count]) => `${count} ${name}`).join(', ')]);
  }
  if (info.diskId !== null) rows.push(['disk id', info.diskId]);
  if (info.dataWriteGuid !== null) rows.push(['data write', info.dataWriteGuid]);
  if (info.creator !== null) rows.push(['creator', info.creator]);
  if (info.log !== null) rows.push(['log', info.log]);
  if (info.parent !== null) {
    rows.push(['parent', info.parent.relativePath ?? info.parent.absolutePath ?? '']);
    rows.push(['found at', info.parent.resolvedPath ?? 'nowhere']);
  }
  if (info.chain.length > 2) rows.push(['chain', `${info.chain.length} images`]);
  return facts(rows);
}

/** The JSON document streams: a fragmented disk has millions of entries. */
async function printMap(context: Context, opened: OpenedDisk): Promise<void> {
  if (!context.json) {
    const rows: string[][] = [];
    for await (const entry of mapDisk(opened, context.signal)) rows.push(mapRow(entry));
    context.print(undefined, () =>
      table(['start', 'length', 'what', 'offset', 'depth'], rows, [
        'start',
        'length',
        'offset',
        'depth',
      ]),
    );
    return;
  }
  let text = '[';
  let first = true;
  for await (const entry of mapDisk(opened, context.signal)) {
    text += `${first ? '\n' : ',\n'}${JSON.stringify(entry)}`;
    first = false;
    if (text.length > 65_536) {
      await context.io.outBytes(Buffer.from(text));
      text = '';
    }
  }
  await context.io.outBytes(Buffer.from(`${text}\n]\n`));
}

function mapRow(entry: MapEntry): string[] {
  const what = entry.data ? 'data' : entry.present ? 'zero' : 'unallocated';
  return [
    String(entry.start),
    formatBytes(entry.length),
    what,
    String(entry.offset ?? ''),
    String(entry.depth),
  ];
}

const PIECE = 2 ** 20;

async function readBytes(context: Context, { disk }: OpenedDisk): Promise<void> {
  const offset = byteCount(context, 'offset') ?? 0;
  const length = byteCount(context, 'length') ?? Math.max(0, disk.size - offset);
  if (offset + length > disk.size) {
    throw usage(
      `--offset ${offset} --length ${length} reaches past the disk, which has ${disk.size} bytes`,
    );
  }
  for (let done = 0; done < length; done += PIECE) {
    const bytes = new Uint8Array(Math.min(PIECE, length - done));
    await disk.read(offset + done, bytes, context.signal);
    await context.io.outBytes(bytes);
  }
}
