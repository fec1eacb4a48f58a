import { formatBytes } from '../../../base/format-bytes.ts';
import { parseGuid } from '../../../base/guid.ts';
import { RangeSet } from '../../../base/range-set.ts';
import { fromStartLength } from '../../../base/range.ts';
import type { SharedDisk } from '../../../net/rsvd/client/shared-disk.ts';
import { describeSharedDisk } from '../../../operations/rsvd/describe-shared-disk.ts';
import { OwnSnapshots } from '../../../operations/rsvd/own-snapshots.ts';
import {
  sharedDiskChanges,
  type SharedDiskChanges,
} from '../../../operations/rsvd/shared-disk-changes.ts';
import { usage } from '../../contract/cli-errors.ts';
import type { Command, Context } from '../../contract/command.ts';
import { operationContext } from '../../options/operation-context.ts';
import { byteCount, required } from '../../options/option-values.ts';
import { drawChangeMap } from '../../terminal/change-map.ts';
import { facts, table } from '../../terminal/text.ts';
import { RSVD_OPTIONS, UNC, withDisk } from './rsvd-options.ts';
import { RSVD_CHANGING_COMMANDS } from './rsvd-changing.ts';

const PIECE = 2 ** 20;

/** Commands for people who debug shared disks. Backups do not run them. */
export const RSVD_COMMANDS: readonly Command[] = [
  {
    name: 'rsvd info',
    summary: 'Prints the facts of a shared VHDX or a VHD Set on a file server.',
    args: [UNC],
    options: RSVD_OPTIONS,
    run: (context) =>
      withDisk(context, async (disk) => {
        const document = await describeSharedDisk(disk, context.signal);
        context.print(document, () =>
          facts([
            ['disk', document.path],
            ['format', `${document.format}, ${document.subformat}`],
            ['server', `RSVD version ${document.serverVersion}`],
            ['virtual size', formatBytes(document.virtualSize)],
            ['sectors', `${document.sectorSize} bytes, physical ${document.physicalSectorSize}`],
            ['file size', formatBytes(document.fileSize)],
            ['disk id', document.diskId],
            ['valid', document.valid ? 'yes' : 'no'],
            [
              'safe size',
              document.safeSize === null ? 'not known' : formatBytes(document.safeSize),
            ],
            ['snapshots', document.snapshots === null ? 'none possible' : `${document.snapshots}`],
            ['change log', document.changeLog ?? 'none possible'],
          ]),
        );
        return document.valid ? 0 : 1;
      }),
  },
  {
    name: 'rsvd snapshots',
    summary: 'Lists the snapshots of a VHD Set and their owners.',
    args: [UNC],
    options: RSVD_OPTIONS,
    run: (context) =>
      withDisk(context, async (disk) => {
        const own = new OwnSnapshots(operationContext(context).home);
        const { diskId } = disk.facts;
        const rows = await Promise.all(
          (await disk.snapshots(context.signal)).map(async ({ id, created, isValid }) => ({
            id,
            created: new Date(created).toISOString(),
            valid: isValid,
            owner: (await own.has(diskId, id)) ? 'ours' : 'foreign',
          })),
        );
        context.print(rows, () =>
          table(
            ['owner', 'created', 'data', 'id'],
            rows.map((each) => [each.owner, each.created, each.valid ? 'yes' : 'no', each.id]),
          ),
        );
      }),
  },
  {
    name: 'rsvd changes',
    summary: 'Lists the ranges of a VHD Set that changed between two snapshots.',
    args: [UNC],
    options: {
      ...RSVD_OPTIONS,
      since: { type: 'value', value: 'ID', help: 'The older snapshot.' },
      until: { type: 'value', value: 'ID', help: 'The newer snapshot; default the newest one.' },
      csv: { type: 'flag', help: 'start,length lines.' },
      ndjson: { type: 'flag', help: 'One JSON document for each range.' },
    },
    run: async (context) => {
      const forms = ['csv', 'json', 'ndjson'].filter((name) => context.options.flag(name));
      if (forms.length > 1)
        throw usage(`Give one of ${forms.map((name) => `--${name}`).join(', ')}`);
      const since = parseGuid(required(context, 'since'));
      const until = context.options.text('until');
      await withDisk(context, async (disk) => {
        const target = until === undefined ? undefined : parseGuid(until);
        printChanges(context, await sharedDiskChanges(disk, since, target, context.signal));
      });
    },
  },
  {
    name: 'rsvd read',
    summary: 'Writes bytes of a shared disk, or of one of its snapshots, to stdout, raw.',
    args: [UNC],
    options: {
      ...RSVD_OPTIONS,
      snapshot: { type: 'value', value: 'ID', help: 'Read this snapshot instead of the disk.' },
      offset: { type: 'value', value: 'N', help: 'First byte; default 0.' },
      length: { type: 'value', value: 'N', help: 'Number of bytes; default to the end.' },
    },
    run: (context) => withDisk(context, (disk) => readBytes(context, disk)),
  },
  ...RSVD_CHANGING_COMMANDS,
];

async function readBytes(context: Context, disk: SharedDisk): Promise<void> {
  const { signal, options, io } = context;
  const id = options.text('snapshot');
  const source =
    id === undefined ? disk.openDisk() : await disk.openSnapshot(parseGuid(id), signal);
  try {
    const offset = byteCount(context, 'offset') ?? 0;
    const length = byteCount(context, 'length') ?? Math.max(0, source.size - offset);
    if (offset + length > source.size) {
      throw usage(
        `--offset ${offset} --length ${length} is outside of the disk, which has ${source.size} bytes`,
      );
    }
    for (let done = 0; done < length; done += PIECE) {
      const bytes = new Uint8Array(Math.min(PIECE, length - done));
      await source.read(offset + done, bytes, signal);
      await io.outBytes(bytes);
    }
  } finally {
    await source.close();
  }
}

function printChanges(context: Context, changes: SharedDiskChanges): void {
  const { ranges, changedBytes, virtualSize, since, warnings } = changes;
  if (context.options.flag('csv')) {
    context.io.out(`start,length\n${ranges.map((r) => `${r.start},${r.length}\n`).join('')}`);
  } else if (context.options.flag('ndjson')) {
    context.io.out(ranges.map((r) => `${JSON.stringify(r)}\n`).join(''));
  } else {
    context.print(changes, () => {
      const changed = RangeSet.of(ranges.map(fromStartLength));
      const drawing = { columns: context.io.columns, rows: 4, ascii: !context.io.outIsTerminal };
      return [
        `${ranges.length} ranges, ${formatBytes(changedBytes)} of ${formatBytes(virtualSize)} since ${since}`,
        drawChangeMap(virtualSize, changed, RangeSet.empty, drawing),
        ...warnings.map((warning) => `warning: ${warning.message} (${warning.code})`),
      ].join('\n');
    });
  }
}
