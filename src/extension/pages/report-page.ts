import * as vscode from 'vscode';
import type { PointReport } from '../../engine/api/store.ts';
import type { PagePart, PageSection } from '../../views/api/report-page.ts';
import { formatBytes, formatSeconds, formatTime } from '../words/format.ts';
import { pointName, pointTime, withPointNames } from '../words/point-name.ts';
import { sortedVms, vmNames } from '../words/group-words.ts';
import type { AnyNode } from '../nodes/nodes.ts';
import {
  code,
  coded,
  fact,
  findingNote,
  note,
  PageLinks,
  prose,
  spaced,
  type MadePage,
} from './page-parts.ts';
import type { Page } from './page-uri.ts';

const { t } = vscode.l10n;

type ReportOf = Extract<Page, { readonly kind: 'report' }>;

/** A backup point in words, from its manifest and its last verification, with links to what one does with it. */
export function reportPage(report: PointReport, page: ReportOf): MadePage {
  const { point, vm, members, disks, verdict, host } = report;
  const { store } = page;
  const links = new PageLinks();
  const kind = point.kind === 'full' ? t('Full backup') : t('Incremental backup');
  const name = vm.name === '' ? vm.id : vm.name;
  const node = pointNodeOf(report, store);
  const first: PageSection = {
    ...EMPTY,
    facts: [
      ...fact(
        members === undefined ? t('Virtual machine') : t('VM group'),
        ...spaced(code(vm.name), code(vm.id)),
      ),
      ...(members === undefined ? [] : fact(t('Members'), ...membersParts(members))),
      ...fact(t('Host'), code(host)),
      ...fact(t('Store'), code(store)),
      ...fact(t('Point'), prose(pointName(point))),
      ...fact(t('Id'), code(point.id)),
      ...fact(t('Made'), prose(`${pointTime(point)}, ${tookText(report)}`)),
      ...fact(t('Why this kind'), ...reasonParts(point.reason)),
      ...parentFact(report, page, links, name),
      ...fact(t('Consistency'), prose(consistencyText(report))),
      ...fact(t('Read by'), prose(report.method)),
      ...changedFact(report.point.changedBytes),
      ...fact(t('Read'), prose(formatBytes(sum(disks, 'readBytes')))),
      ...fact(t('Stored'), prose(formatBytes(sum(disks, 'writtenBytes')))),
      ...fact(t('File size'), prose(formatBytes(sum(disks, 'fileSize')))),
      ...fact(t('Tracker check'), prose(trackerText(report))),
      ...fact(t('Verified'), prose(verdictText(verdict))),
    ],
  };
  const sections: readonly PageSection[] = [
    first,
    { ...EMPTY, heading: t('Disks') },
    ...disks.map((disk) => diskSection(disk, report, store, links)),
    ...notesSection(
      t('Left out'),
      report.excluded.map(({ slot, path, why }) =>
        note(prose(`${slot} `), code(path), prose(`: ${why}`)),
      ),
    ),
    ...notesSection(
      t('Warnings'),
      report.warnings.map((each) => note(...coded(each.message, each.code))),
    ),
    ...notesSection(
      t('Findings of the last verification'),
      (verdict?.findings ?? []).map((found) => findingNote(found)),
    ),
  ];
  const actions = [
    links.add(t('Restore…'), { command: 'refpoint.restore', node }),
    links.add(t('Verify'), { command: 'refpoint.verify', node }),
    links.add(t('Open as Markdown'), {
      page,
      name: `${name} ${pointName(point)}.md`,
      source: true,
    }),
  ];
  return {
    document: { title: `${kind}: ${name}`, links: actions, sections },
    targets: links.targets,
  };
}

const EMPTY: PageSection = { heading: '', depth: 2, links: [], facts: [], notes: [], none: '' };

/** The row of the tree that the point is. */
function pointNodeOf(
  { vm, members, host, point }: PointReport,
  store: string,
): AnyNode & { kind: 'point' } {
  const group = members === undefined ? {} : { members };
  const row = { ...vm, ...group, host, points: 1, lastBackup: point.created };
  return { kind: 'point', id: `report:${store}/${vm.id}/${point.id}`, store, vm: row, point };
}

function parentFact(
  { point }: PointReport,
  page: ReportOf,
  links: PageLinks,
  name: string,
): ReturnType<typeof fact> {
  const { parent } = point;
  if (parent === null) return fact(t('Builds on'), prose(t('nothing: it is a full one')));
  const target = { page: { ...page, point: parent }, name: `${name} ${pointName(parent)}` };
  return fact(
    t('Builds on'),
    ...spaced(prose(pointName(parent)), code(parent), links.add(t('Show Report'), target)),
  );
}

function diskSection(
  disk: PointReport['disks'][number],
  report: PointReport,
  store: string,
  links: PageLinks,
): PageSection {
  const kind = disk.kind === 'full' ? t('full') : t('incremental');
  const of = pointNodeOf(report, store);
  const node = { ...of, kind: 'pointDisk', id: `${of.id}/${disk.number}`, disk } as const;
  return {
    ...EMPTY,
    depth: 3,
    heading:
      disk.shared === true
        ? t('Shared disk {0}: {1}', disk.number, disk.name)
        : t('Disk {0}: {1}', disk.number, disk.name),
    links: [
      links.add(t('Open Change Map'), { command: 'refpoint.openChangeMap', node }),
      links.add(t('Open Disk'), { command: 'refpoint.openDisk', node }),
      links.add(t('Restore Disk…'), { command: 'refpoint.restore', node }),
    ],
    facts: [
      ...fact(t('Image'), code(disk.path)),
      ...fact(t('On the host'), code(disk.hostPath), prose(slotText(disk))),
      ...holdersFact(disk),
      ...(disk.method === undefined ? [] : fact(t('Read by'), prose(disk.method))),
      ...fact(t('Kind'), prose(`${kind}: `), ...reasonParts(disk.reason)),
      ...fact(t('Size'), prose(formatBytes(disk.virtualSize))),
      ...changedFact(disk.changedBytes),
      ...fact(t('Read'), prose(formatBytes(disk.readBytes))),
      ...fact(t('Stored'), prose(formatBytes(disk.writtenBytes))),
      ...fact(t('File size'), prose(formatBytes(disk.fileSize))),
      ...fact(t('Hash root'), code(disk.hashRoot)),
      ...fact(t('Change tracking id'), disk.rctId === null ? prose(t('none')) : code(disk.rctId)),
    ],
  };
}

const membersParts = (members: NonNullable<PointReport['members']>): PagePart[] =>
  sortedVms(members).flatMap(({ id, name }, i) => [
    ...(i === 0 ? [] : [prose(', ')]),
    ...spaced(code(name), code(id)),
  ]);

/** Each holder of a shared disk has it at another slot; a private one’s slot begins with the ID of its VM. */
const slotText = ({ slot, holders, shared }: PointReport['disks'][number]): string =>
  shared === true ? '' : ` (${holders === undefined ? slot : slot.slice(slot.indexOf('/') + 1)})`;

/** A private disk of a group has one holder, a shared one several. */
const holdersFact = ({ holders, shared }: PointReport['disks'][number]): ReturnType<typeof fact> =>
  holders === undefined
    ? []
    : fact(shared === true ? t('Shared by') : t('Disk of'), code(vmNames(holders)));

const notesSection = (heading: string, notes: PageSection['notes']): readonly PageSection[] =>
  notes.length === 0 ? [] : [{ ...EMPTY, heading, notes }];

function tookText({ point, finished }: PointReport): string {
  const seconds = (Date.parse(finished) - Date.parse(point.created ?? finished)) / 1000;
  return t('took {0}', formatSeconds(Math.max(0, seconds)));
}

const consistencyText = ({ point, consistencyAsked }: PointReport): string =>
  t('{0} (asked for: {1})', point.consistency ?? t('unknown'), consistencyAsked);

const reasonParts = (reason: PointReport['point']['reason']): PagePart[] =>
  reason === null ? [] : coded(withPointNames(reason.text), reason.code);

function trackerText({ trackerCheck, disks: all }: PointReport): string {
  const { mode, checkedBytes, disks } = trackerCheck;
  if (mode === 'off') return t('off: a range that the tracker left out would go unseen');
  const read = t('{0}, {1} read again', mode, formatBytes(checkedBytes));
  const nameOf = (slot: string): string => {
    const disk = all.find((each) => each.slot === slot);
    // Slots of a group begin with the ID of a VM.
    return disk?.holders === undefined ? slot : `${disk.name} (${vmNames(disk.holders)})`;
  };
  return [read, ...(disks ?? []).map((each) => checkedText(each, nameOf(each.slot)))].join('. ');
}

/** Text about what the check of one disk rules out. */
function checkedText(
  {
    candidateCells: all,
    checkedCells: checked,
    ruledOutCells: least,
    confidence,
  }: NonNullable<PointReport['trackerCheck']['disks']>[number],
  slot: string,
): string {
  if (all === 0) return t('{0}: no unchanged part holds data', slot);
  if (checked >= all) return t('{0}: all {1} unchanged MiB with data are as recorded', slot, all);
  const percent = Math.round(confidence * 100);
  return least > all
    ? t('{0}: {1} of {2} unchanged MiB with data, too few to rule anything out', slot, checked, all)
    : t(
        '{0}: {1} of {2} unchanged MiB with data; with {3} % confidence, fewer than {4} of them changed unseen',
        slot,
        checked,
        all,
        percent,
        least,
      );
}

function verdictText(verdict: PointReport['verdict']): string {
  if (verdict === null) return t('never');
  const how = verdict.quick ? t('quickly') : t('every hash');
  return `${verdict.ok ? t('as recorded') : t('DAMAGED')} (${how}, ${formatTime(verdict.time)})`;
}

/** A full has no changes: everything is stored. */
const changedFact = (bytes: number | null): ReturnType<typeof fact> =>
  bytes === null ? [] : fact(t('Changed'), prose(formatBytes(bytes)));

const sum = (
  disks: PointReport['disks'],
  field: 'readBytes' | 'writtenBytes' | 'fileSize',
): number => disks.reduce((total, disk) => total + disk[field], 0);
