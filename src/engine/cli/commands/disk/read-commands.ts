import { formatBytes } from '../../../base/format-bytes.ts';
import { compareDisks } from '../../../disk/tools/disk-compare.ts';
import { hashDisk } from '../../../disk/tools/disk-hash.ts';
import { diskInfo, type DiskInfo } from '../../../disk/tools/disk-info.ts';
import { mapBatches, type LostEntry, type MapEntry } from '../../../disk/tools/disk-map.ts';
import type { OpenedDisk } from '../../../disk/chain/open-disk.ts';
import { DiskFindings, type DiskFinding } from '../../../disk/tools/disk-findings.ts';
import type { SurveyedDisk } from '../../../disk/survey/survey-disk.ts';
import type { DiskInspection } from '../../../api/guest/inspection.ts';
import { inspectDisk } from '../../../guest/inspect-disk.ts';
import { surveyDiskAt } from '../../../operations/disk/open-disk-at.ts';
import type { Command, Context } from '../../contract/command.ts';
import { inspectionText } from '../../terminal/inspection-text.ts';
import { usage } from '../../contract/cli-errors.ts';
import { byteCount } from '../../options/option-values.ts';
import { diskPlace, IMAGE, OPEN_OPTIONS, openOptions, withDisk } from './open-image.ts';
import { WINDOWS_OPTION, windowsAnswers, windowsLines } from './windows-answers.ts';
import { facts, harmless, inLine, table } from '../../terminal/text.ts';

const INSPECT_OPTION = {
  inspect: { type: 'flag', help: 'Name the partitions and file systems of the disk.' },
} as const;

const DAMAGED =
  'If an image is damaged or its parent is missing, prints what is known, the problems, and the lost parts of the disk. The exit status is 3 then.';

/** Commands that read disk images. */
export const DISK_READ_COMMANDS: readonly Command[] = [
  {
    name: 'disk info',
    summary: 'Describes an image: format, sizes, identity, blocks, parents.',
    args: [IMAGE],
    options: { ...OPEN_OPTIONS, ...WINDOWS_OPTION, ...INSPECT_OPTION },
    details: DAMAGED,
    run: (context) =>
      withSurvey(context, async (surveyed) => {
        const info = await diskInfo(surveyed, context.signal);
        const windows = await windowsAnswers(context, info);
        const inspection = await inspectionOf(context);
        const document = {
          ...info,
          ...(windows === undefined ? {} : { windows }),
          ...(inspection === undefined ? {} : { inspection }),
        };
        context.print(document, () =>
          [
            describe(info),
            ...windowsLines(windows),
            ...(inspection === undefined ? [] : [inspectionText(inspection)]),
          ].join('\n'),
        );
        return info.findings.some(({ severity }) => severity === 'error') ? 3 : 0;
      }),
  },
  {
    name: 'disk map',
    summary: 'Lists the parts of a disk that are data, zero or unallocated, and their files.',
    args: [IMAGE],
    options: OPEN_OPTIONS,
    details: DAMAGED,
    run: (context) => withSurvey(context, (surveyed) => printMap(context, surveyed)),
  },
  {
    name: 'disk compare',
    summary: 'Compares the contents of two images. Exit status 0 equal, 1 different.',
    args: [IMAGE, { name: 'OTHER', help: 'the image to compare with' }],
    options: {
      ...OPEN_OPTIONS,
      strict: {
        type: 'flag',
        help: 'Different sizes are a difference even if the longer tail is zero.',
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
    summary: 'Prints the SHA-256 of the whole virtual disk, as if it were a raw file.',
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
      offset: { type: 'value', value: 'N', help: 'First byte; default 0.' },
      length: { type: 'value', value: 'N', help: 'Number of bytes; default to the end.' },
    },
    run: (context) => withDisk(context, 0, (opened) => readBytes(context, opened)),
  },
];

/** Looks into the disk if --inspect asks for it. */
async function inspectionOf(context: Context): Promise<DiskInspection | undefined> {
  if (!context.options.flag('inspect')) return undefined;
  return withDisk(context, 0, ({ disk }) => inspectDisk(disk, context.signal));
}

/** Opens as much of the image as possible, runs `work`, and closes the image. */
async function withSurvey<T>(
  context: Context,
  work: (surveyed: SurveyedDisk) => Promise<T>,
): Promise<T> {
  const place = diskPlace(context, context.args[0] ?? '');
  const surveyed = await surveyDiskAt(place, openOptions(context), context.signal);
  try {
    return await work(surveyed);
  } finally {
    await surveyed.close();
  }
}

function describe(info: DiskInfo): string {
  const size = (bytes: number | null): string =>
    bytes === null ? 'unknown' : `${formatBytes(bytes)} (${bytes} bytes)`;
  const rows: [string, string][] = [
    ['image', info.path],
    ['format', info.subformat === null ? info.format : `${info.format}, ${info.subformat}`],
    ['virtual size', size(info.virtualSize)],
    ['file size', size(info.fileSize)],
    ['allocated', size(info.allocatedBytes)],
    [
      'sectors',
      `${info.logicalSectorSize ?? 'unknown'} logical, ${info.physicalSectorSize ?? 'unknown'} physical`,
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
    if (info.parent.linkage !== null) rows.push(['parent GUID', info.parent.linkage]);
    rows.push(['found at', info.parent.resolvedPath ?? 'nowhere']);
  }
  if (info.chain.length > 2) rows.push(['chain', `${info.chain.length} images`]);
  if (info.lostBytes > 0) rows.push(['lost', size(info.lostBytes)]);
  for (const { name, value, meaning } of info.details ?? []) {
    rows.push([`header ${name}`, `${value} (${meaning ?? 'meaning unknown'})`]);
  }
  const lost = info.lost.slice(0, SHOWN_LOST).map((part) => `lost: ${lostText(part)}`);
  const more = info.lost.length - lost.length;
  return [
    facts(rows),
    ...info.findings.map(findingLine),
    ...lost,
    ...(more > 0 ? [`lost: ${more} more parts of the disk`] : []),
  ].join('\n');
}

/** Maximum number of lost ranges in the text output; the JSON document has all of them. */
const SHOWN_LOST = 40;

const findingLine = ({ severity, message, code }: DiskFinding): string =>
  `${severity}: ${inLine(message)} (${code})`;

const lostText = ({ start, length, code }: LostEntry): string =>
  `bytes ${start} up to ${start + length} of the virtual disk (${code})`;

/**
 * Streams the JSON document, since a fragmented disk has millions of entries. Prints problems on
 * stderr.
 */
async function printMap(context: Context, surveyed: SurveyedDisk): Promise<number> {
  const [path = ''] = surveyed.chain;
  const findings = new DiskFindings(path);
  for (const problem of surveyed.top.problems) findings.add(problem);
  if (surveyed.ends !== undefined) findings.add(surveyed.ends);
  if (surveyed.top.logIgnored) findings.addLogIgnored();
  // A disk of unknown size cannot be mapped.
  const [unknown] = surveyed.top.problems;
  if (surveyed.top.size === undefined && unknown !== undefined) throw unknown;
  const map = mapBatches(surveyed, context.signal, (error, part) => findings.add(error, part));
  if (context.json) await printMapJson(context, map);
  else await printMapTable(context, map);
  for (const finding of findings.list) context.io.err(`${harmless(findingLine(finding))}\n`);
  return findings.damaged ? 3 : 0;
}

async function printMapTable(
  context: Context,
  map: AsyncIterable<readonly (MapEntry | LostEntry)[]>,
): Promise<void> {
  const rows: string[][] = [];
  for await (const entries of map) for (const entry of entries) rows.push(mapRow(entry));
  const right = ['start', 'length', 'offset', 'depth'];
  context.print(undefined, () =>
    table(['start', 'length', 'what', 'offset', 'depth'], rows, right),
  );
}

async function printMapJson(
  context: Context,
  map: AsyncIterable<readonly (MapEntry | LostEntry)[]>,
): Promise<void> {
  let text = '[';
  let first = true;
  for await (const entries of map) {
    for (const entry of entries) {
      text += `${first ? '\n' : ',\n'}${JSON.stringify(entry)}`;
      first = false;
      if (text.length > 65_536) {
        await context.io.outBytes(Buffer.from(text));
        text = '';
      }
    }
  }
  await context.io.outBytes(Buffer.from(`${text}\n]\n`));
}

function mapRow(entry: MapEntry | LostEntry): string[] {
  const what =
    'lost' in entry
      ? `lost: ${entry.code}`
      : entry.data
        ? 'data'
        : entry.present
          ? 'zero'
          : 'unallocated';
  return [
    String(entry.start),
    formatBytes(entry.length),
    what,
    String(entry.offset ?? ''),
    String(entry.depth ?? ''),
  ];
}

const PIECE = 2 ** 20;

async function readBytes(context: Context, { disk }: OpenedDisk): Promise<void> {
  const offset = byteCount(context, 'offset') ?? 0;
  const length = byteCount(context, 'length') ?? Math.max(0, disk.size - offset);
  if (offset + length > disk.size) {
    throw usage(
      `--offset ${offset} --length ${length} is outside of the disk, which has ${disk.size} bytes`,
    );
  }
  for (let done = 0; done < length; done += PIECE) {
    const bytes = new Uint8Array(Math.min(PIECE, length - done));
    await disk.read(offset + done, bytes, context.signal);
    await context.io.outBytes(bytes);
  }
}
