import * as vscode from 'vscode';
import type { SmbTest } from '../../engine/api/host.ts';
import { COMMANDS, type CommandId } from '../contributions/command-table.ts';
import type { PresentedError } from '../errors/present-error.ts';
import type { HostNode } from '../nodes/nodes.ts';
import type { PageFact, PageNote } from '../../views/api/report-page.ts';
import { MECHANISMS } from '../words/login-text.ts';
import { encryptionText, shareFlagText } from '../words/file-protection.ts';
import { formatBytes } from '../words/format.ts';
import { code, coded, fact, findingNote, PageLinks, prose, type MadePage } from './page-parts.ts';
import type { Page } from './page-uri.ts';

const { t } = vscode.l10n;

/** The facts of a page on access to files: what was found, or how it failed. */
export interface FoundFileAccess {
  readonly page: Extract<Page, { readonly kind: 'files' }>;
  /** Name of the host, and place that was tested. */
  readonly name: string;
  readonly place: string;
  readonly found: SmbTest | PresentedError;
  readonly hostNode: HostNode | undefined;
}

/** Page with the protection of a file server, or with the failure and what helps against it. */
export function fileAccessPage(of: FoundFileAccess): MadePage {
  const { page, name, place, found, hostNode } = of;
  const links = new PageLinks();
  const failed = 'sentence' in found;
  const facts = [
    ...fact(t('Host'), prose(name)),
    ...fact(t('Place'), code(place)),
    ...fact(t('Result'), prose(failed ? t('Files cannot be read.') : t('Files can be read.'))),
    ...(failed ? [] : factsOf(found)),
  ];
  const notes = failed ? [failureNote(found, hostNode, links)] : findingsOf(found, links);
  const shared = { depth: 2, links: [] } as const;
  const sections = [
    { ...shared, heading: '', facts, notes: [], none: '' },
    {
      ...shared,
      heading: failed ? t('What Stands in the Way') : t('Findings'),
      facts: [],
      notes,
      none: t('Nothing stands in the way of reading files.'),
    },
  ];
  const actions = [
    links.add(t('Test Again'), {
      command: 'refpoint.testFileAccess',
      node: hostNode,
      args: [{ place: page.place }],
    }),
    ...(hostNode === undefined
      ? []
      : [links.add(t('Edit Host…'), { command: 'refpoint.editHost', node: hostNode })]),
    links.add(t('How to Prepare a Host'), {
      command: 'refpoint.prepareHost',
      node: undefined,
      args: failed ? [{ code: found.code }] : [],
    }),
    links.add(t('Open as Markdown'), {
      page,
      name: `${t('File Access')} ${name}.md`,
      source: true,
    }),
  ];
  const title = t('File Access of {0}', name);
  return { document: { title, links: actions, sections }, targets: links.targets };
}

function factsOf(found: SmbTest): PageFact[] {
  const account = found.account === '' ? t('the user who is logged on') : found.account;
  const rsvd = found.rsvd === null ? t('not known') : found.rsvd ? t('yes') : t('no');
  return [
    ...fact(t('Dialect'), prose(`SMB ${found.dialect}`)),
    ...fact(t('Encryption'), prose(encryptionText(found))),
    ...fact(t('Signing'), prose(found.signing)),
    ...fact(t('Login'), prose(t('{0} as {1}', MECHANISMS[found.mechanism](), account))),
    ...fact(
      t('Share'),
      prose(
        [found.share ?? t('none was named'), ...found.shareFlags.map(shareFlagText)].join(' · '),
      ),
    ),
    ...fact(t('Reads'), prose(t('at most {0}', formatBytes(found.maxRead)))),
    ...fact(t('Credits'), prose(String(found.credits))),
    ...fact(t('Shared virtual disks'), prose(rsvd)),
  ];
}

const findingsOf = ({ findings }: SmbTest, links: PageLinks): PageNote[] =>
  findings.map((each) =>
    findingNote(
      each,
      links.add(t('Explain'), {
        command: 'refpoint.prepareHost',
        node: undefined,
        args: [{ code: each.code }],
      }),
    ),
  );

/** Commands whose buttons the page has. */
const OWN: readonly string[] = ['refpoint.prepareHost', 'refpoint.testFileAccess'];

function failureNote(
  { sentence, detail, code: name, next }: PresentedError,
  node: HostNode | undefined,
  links: PageLinks,
): PageNote {
  const explain = links.add(t('Explain'), {
    command: 'refpoint.prepareHost',
    node: undefined,
    args: [{ code: name }],
  });
  const others = next.filter(
    ({ title, command }, at) =>
      Object.hasOwn(COMMANDS, command) &&
      !OWN.includes(command) &&
      next.findIndex((each) => each.title === title) === at,
  );
  const steps = others.map(({ title, command, args }) =>
    links.add(title, { command: command as CommandId, node, args }),
  );
  const parts = [
    ...coded([sentence, detail].filter(Boolean).join(' '), name),
    ...[explain, ...steps].flatMap((link) => [prose(' '), link]),
  ];
  return { severity: 'error', label: t('error'), parts };
}
