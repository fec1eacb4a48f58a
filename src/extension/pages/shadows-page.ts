import * as vscode from 'vscode';
import type { ShadowList, ShadowRow, VolumeRow } from '../../engine/api/vss.ts';
import type { PageFact, PageLink, PageNote, PageSection } from '../../views/api/report-page.ts';
import type { HostNode, VmNode } from '../nodes/nodes.ts';
import { storeLabel } from '../settings/stores.ts';
import { formatBytes, formatSecond } from '../words/format.ts';
import { vmNames } from '../words/group-words.ts';
import { code, fact, findingNote, PageLinks, prose, type MadePage } from './page-parts.ts';
import type { Page } from './page-uri.ts';

const { t } = vscode.l10n;

/** Maximum number of shadow copies of a page; the command line lists all of them. */
const MOST = 500;

/** The facts of a page of shadow copies. */
export interface FoundShadows {
  readonly page: Extract<Page, { readonly kind: 'shadows' }>;
  /** Name of the host. */
  readonly name: string;
  readonly list: ShadowList;
  readonly hostNode: HostNode | undefined;
  /** Returns the row of a VM of the host, if the tree has it. */
  readonly vmNode: (id: string) => VmNode | undefined;
}

/** Page with the shadow copies of a host, those of Refpoint first, and its volumes. */
export function shadowsPage(found: FoundShadows): MadePage {
  const { page, name, list, hostNode } = found;
  const links = new PageLinks();
  const { shadows, volumes, unreadStores = [] } = list;
  const of = (owner: ShadowRow['owner']): readonly ShadowRow[] =>
    shadows.filter((each) => each.owner === owner);
  const unread = unreadStores.map((store): PageNote =>
    findingNote({
      severity: 'warning',
      message: t('Store {0} cannot be read: {1}', storeLabel(store.path), store.message),
      code: store.code,
    }),
  );
  const sections = [
    section(t('Of Refpoint'), t('Refpoint has no shadow copies on this host.'), of('ours')),
    ...(of('unknown').length + unread.length === 0
      ? []
      : [section(t('Of an Unknown Owner'), '', of('unknown'), unread)]),
    section(
      t('Of Other Programs'),
      t('Other programs have no shadow copies on this host.'),
      of('foreign'),
    ),
  ];
  const actions = [
    ...(hostNode === undefined
      ? []
      : [links.add(t('Refresh'), { command: 'refpoint.showShadowCopies', node: hostNode })]),
    links.add(t('Open as Markdown'), {
      page,
      name: `${t('Shadow Copies')} ${name}.md`,
      source: true,
    }),
  ];
  const title = t('Shadow Copies of {0}', name);
  const made = sections.flatMap(({ head, rows }) => [
    head,
    ...rows.map((row) => copySection(row, found, links)),
  ]);
  return {
    document: { title, links: actions, sections: [...made, volumesSection(volumes)] },
    targets: links.targets,
  };
}

interface Group {
  readonly head: PageSection;
  readonly rows: readonly ShadowRow[];
}

/** The newest first. */
function section(
  heading: string,
  none: string,
  all: readonly ShadowRow[],
  notes: readonly PageNote[] = [],
): Group {
  const rows = all.toSorted((a, b) => (b.created ?? '').localeCompare(a.created ?? ''));
  const left = rows.length - MOST;
  const many = left > 0 ? t('The newest {0}; {1} more are not shown.', MOST, left) : '';
  const head = {
    heading,
    depth: 2,
    links: [],
    facts: [],
    notes,
    none: rows.length === 0 ? none : many,
  } as const;
  return { head, rows: rows.slice(0, MOST) };
}

function copySection(
  row: ShadowRow,
  { list, vmNode }: FoundShadows,
  links: PageLinks,
): PageSection {
  const { id, set, device, created, exposed, vms } = row;
  const when = created === null ? t('time not known') : formatSecond(created);
  const facts = [
    ...fact(t('Made for'), prose(vmNames(vms))),
    ...fact(t('Device'), code(device ?? '')),
    ...fact(t('Mounted at'), code(exposed ?? '')),
    ...fact(t('Writers'), prose(row.noWriters ? t('none took part') : t('took part'))),
    ...fact(t('Stays'), prose(staysText(row))),
    ...fact(t('Id'), code(id)),
    ...fact(t('Set'), code(set ?? '')),
  ];
  const heading = `${volumeName(row.volume, list.volumes)} · ${when}`;
  return { heading, depth: 3, links: cleanLinks(row, vmNode, links), facts, notes: [], none: '' };
}

/** Copies of Refpoint that stay are removed by the clean-up of a VM that they were made for. */
function cleanLinks(
  { owner, vms }: ShadowRow,
  vmNode: FoundShadows['vmNode'],
  links: PageLinks,
): readonly PageLink[] {
  if (owner !== 'ours') return [];
  const [node] = vms.flatMap(({ id }) => vmNode(id) ?? []);
  return node === undefined
    ? []
    : [links.add(t('Clean Up…'), { command: 'refpoint.cleanUp', node })];
}

function staysText({ clientAccessible, persistent }: ShadowRow): string {
  if (clientAccessible) return t('as a previous version that users see');
  return persistent ? t('until it is deleted') : t('until its program ends');
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

function volumeName(volume: string | null, volumes: readonly VolumeRow[]): string {
  if (volume === null) return t('volume not known');
  return volumes.find((each) => same(each.volume, volume))?.name ?? volume;
}

function volumesSection(volumes: readonly VolumeRow[]): PageSection {
  const facts = volumes.flatMap((volume): PageFact[] =>
    fact(volume.name ?? volume.volume, prose(volumeText(volume))),
  );
  const none = facts.length === 0 ? t('The host lists no volumes.') : '';
  return { heading: t('Volumes'), depth: 2, links: [], facts, notes: [], none };
}

function volumeText({ fileSystem, capacity, free, storage }: VolumeRow): string {
  return [
    fileSystem ?? '',
    capacity === null || free === null
      ? ''
      : t('{0} of {1} free', formatBytes(free), formatBytes(capacity)),
    storage === null
      ? t('no area for differences yet')
      : t(
          'differences take {0} of at most {1}',
          formatBytes(storage.used),
          formatBytes(storage.max),
        ),
  ]
    .filter(Boolean)
    .join(' · ');
}
