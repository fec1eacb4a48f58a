import { formatBytes } from '../../base/format-bytes.ts';
import { RangeSet } from '../../base/range-set.ts';
import { fromStartLength } from '../../base/range.ts';
import {
  CHANGES_VIA,
  queryChanges,
  type ChangedRanges,
  type ChangesDocument,
  type TrackerComparison,
} from '../../operations/vm/query-changes.ts';
import { queryImageChanges } from '../../operations/windows/image-changes.ts';
import { usage } from '../contract/cli-errors.ts';
import type { Command, Context } from '../contract/command.ts';
import { parsePathMapping } from '../../backup/host/path-map.ts';
import { PATH_MAP } from '../options/backup-options.ts';
import { HOST_OPTIONS, withHost } from '../options/host-options.ts';
import { choice, localPath, required } from '../options/option-values.ts';
import { drawChangeMap } from '../terminal/change-map.ts';

export const CHANGES: Command = {
  name: 'changes',
  summary:
    'Lists the ranges of a disk that changed since a reference point, as tracked by the host.',
  args: [{ name: 'VM', help: 'a VM: its GUID, or a name that only one VM has', several: true }],
  options: {
    ...HOST_OPTIONS,
    disk: { type: 'value', value: 'D', help: 'Number, slot, file name, path or ID.' },
    group: { type: 'value', value: 'G', help: 'Instead of a VM: a group of VMs.' },
    since: { type: 'value', value: 'ID', help: 'The reference point.' },
    'rct-id': {
      type: 'value',
      value: 'ID',
      help: 'An RCT ID instead of a reference point; of a VHD Set: the older snapshot.',
    },
    until: { type: 'value', value: 'ID', help: 'The newer snapshot, of a VHD Set only.' },
    via: {
      type: 'value',
      value: 'TRACKER',
      help: "wmi (default), virtdisk (Windows' virtual disk API, only on the host itself), rsvd (the file server of a VHD Set), or both, compared.",
    },
    'path-map': PATH_MAP,
    image: {
      type: 'value',
      value: 'FILE',
      help: 'A local image instead of a VM, on Windows; needs --rct-id.',
    },
    csv: { type: 'flag', help: 'start,length lines.' },
    ndjson: { type: 'flag', help: 'One JSON document for each range.' },
  },
  details:
    "All ranges are offsets of the virtual disk. Windows' virtual disk API does not read shared disks; the changes of a VHD Set are those between two of its snapshots. With --via both, exit status 1 means that the answers differ.",
  run: async (context) => {
    refuseTwoForms(context);
    return context.options.text('image') === undefined ? ofVm(context) : ofImage(context);
  },
};

async function ofImage(context: Context): Promise<void> {
  const { args, options, signal } = context;
  const other = ['disk', 'group', 'since', 'until', 'via'].find(
    (name) => options.text(name) !== undefined,
  );
  if (args.length > 0 || other !== undefined) {
    throw usage(`--image takes no ${other === undefined ? 'VM' : `--${other}`}, only --rct-id`);
  }
  const path = localPath(context, required(context, 'image'));
  printChanges(context, await queryImageChanges(path, required(context, 'rct-id'), signal));
}

async function ofVm(context: Context): Promise<number> {
  const { args, options, signal } = context;
  const group = options.text('group');
  const [vm, more] = group === undefined ? args : [group, ...args];
  if (vm === undefined) throw usage('VM is missing: a VM, --group G, or --image FILE');
  if (more !== undefined) throw usage(`Unexpected argument “${more}”`);
  const via = choice(context, 'via', CHANGES_VIA, 'wmi');
  return withHost(context, async (host) => {
    const since = options.text('since');
    const rctId = options.text('rct-id');
    if ((since === undefined) === (rctId === undefined)) {
      throw usage('Give either --since REFERENCE-POINT-ID or --rct-id ID');
    }
    const request = {
      vm,
      disk: required(context, 'disk'),
      since: rctId === undefined ? { referencePoint: since ?? '' } : { rctId },
      until: options.text('until'),
      pathMap: options.texts('path-map').map(parsePathMapping),
      via,
    };
    const subject = group === undefined ? host : await host.groups.hostOf(group, signal);
    const result = await queryChanges(subject, request, signal);
    printChanges(context, result, result.comparison);
    return result.comparison?.equal === false ? 1 : 0;
  });
}

/** Rejects two output formats at once: a script would get one that it does not expect. */
function refuseTwoForms(context: Context): void {
  const forms = ['csv', 'json', 'ndjson'].filter((name) => context.options.flag(name));
  if (forms.length < 2) return;
  throw usage(`Give one of ${forms.map((name) => `--${name}`).join(', ')}`);
}

function printChanges(
  context: Context,
  result: ChangedRanges | ChangesDocument,
  comparison?: TrackerComparison,
): void {
  const { ranges } = result;
  if (context.options.flag('csv')) {
    context.io.out(`start,length\n${ranges.map((r) => `${r.start},${r.length}\n`).join('')}`);
  } else if (context.options.flag('ndjson')) {
    context.io.out(ranges.map((r) => `${JSON.stringify(r)}\n`).join(''));
  } else {
    context.print(result, () => {
      const changed = RangeSet.of(ranges.map(fromStartLength));
      const drawing = { columns: context.io.columns, rows: 4, ascii: !context.io.outIsTerminal };
      return [
        `${ranges.length} ranges, ${formatBytes(result.changedBytes)} of ${formatBytes(result.virtualSize)} since ${result.since}`,
        drawChangeMap(result.virtualSize, changed, RangeSet.empty, drawing),
        ...result.warnings.map((warning) => `warning: ${warning.message} (${warning.code})`),
        ...(comparison === undefined ? [] : [comparisonText(comparison)]),
      ].join('\n');
    });
  }
}

function comparisonText({
  equal,
  onlyWmi,
  onlyRsvd,
  onlyVirtdisk = [],
}: TrackerComparison): string {
  const other = onlyRsvd === undefined ? "Windows' virtual disk API" : 'the file server';
  if (equal) return `WMI and ${other} name the same ranges.`;
  const count = (onlyRsvd ?? onlyVirtdisk).length;
  return `WMI and ${other} differ: ${onlyWmi.length} ranges only by WMI, ${count} only by ${other}. --json lists them.`;
}
