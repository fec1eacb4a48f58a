import * as vscode from 'vscode';
import type { Finding, HostTest, VmShow } from '../../engine/api/host.ts';
import type { PageSection } from '../../views/api/report-page.ts';
import { COMMANDS, type CommandId } from '../contributions/command-table.ts';
import { prepareSteps } from '../errors/areas/next-step.ts';
import { ERROR_MEANINGS } from '../errors/error-table.ts';
import type { HostNode, VmNode } from '../nodes/nodes.ts';
import { code, fact, findingNote, PageLinks, prose, spaced, type MadePage } from './page-parts.ts';
import type { Page } from './page-uri.ts';
import { loginText } from '../words/login-text.ts';
import { elevationText } from '../words/own-rights.ts';
import { rightsSections } from './rights-sections.ts';

const { t } = vscode.l10n;

/** Requirements of backups, by the service of the host that provides them. */
const SERVICES: readonly (readonly [keyof HostTest['services'], () => string])[] = [
  ['management', () => t('virtual machines')],
  ['snapshot', () => t('checkpoints')],
  ['referencePoint', () => t('reference points')],
  ['imageManagement', () => t('disk images')],
];

/** The facts of a page of findings. */
export interface FoundOnHost {
  readonly page: Extract<Page, { readonly kind: 'findings' }>;
  /** Name of the host. */
  readonly name: string;
  readonly test: HostTest;
  /** undefined: the page is about the host alone. */
  readonly vm: VmShow | undefined;
  /** The rows of the tree that links are about, if it has them. */
  readonly hostNode: HostNode | undefined;
  readonly vmNode: VmNode | undefined;
}

/** Page with the facts of a host, and the problems for backups on it and of one of its VMs. */
export function findingsPage(found: FoundOnHost): MadePage {
  const { page, name, test, vm, hostNode, vmNode } = found;
  const links = new PageLinks();
  const services = SERVICES.map(([service, label]) =>
    test.services[service] ? label() : t('no {0}', label()),
  );
  const facts = [
    ...fact(t('Address'), code(test.host)),
    ...fact(t('Identity'), ...spaced(prose(test.identity), prose(test.product))),
    ...fact(t('Login'), prose(loginText(test))),
    ...fact(t('Administrator rights'), prose(elevationText(test.elevated))),
    ...fact(t('Kind'), prose(test.lab ? t('an emulated host: the lab') : t('a Hyper-V host'))),
    ...fact(t('Services'), prose(services.join(', '))),
  ];
  const sections = [
    { heading: '', depth: 2, links: [], facts, notes: [], none: '' } as const,
    findingsSection(t('Findings of the Host'), test.findings, hostNode, links),
    ...rightsSections(test.rights, hostNode?.host.user, links),
    ...(vm === undefined
      ? []
      : [findingsSection(t('Findings of {0}', vm.name), vm.findings, vmNode, links)]),
  ];
  const actions = [
    ...(vmNode === undefined
      ? []
      : [links.add(t('Back Up…'), { command: 'refpoint.backup', node: vmNode })]),
    ...(hostNode === undefined
      ? []
      : [links.add(t('Edit Host…'), { command: 'refpoint.editHost', node: hostNode })]),
    links.add(t('How to Prepare a Host'), { command: 'refpoint.prepareHost', node: undefined }),
    links.add(t('Open as Markdown'), { page, name: `${t('Findings')} ${name}.md`, source: true }),
  ];
  return { document: { title: name, links: actions, sections }, targets: links.targets };
}

function findingsSection(
  heading: string,
  findings: readonly Finding[],
  node: HostNode | VmNode | undefined,
  links: PageLinks,
): PageSection {
  const notes = findings.map((each) => findingNote(each, ...stepsOf(each, node, links)));
  const none = t('Nothing stands in the way of backups.');
  return { heading, depth: 2, links: [], facts: [], notes, none };
}

/** Steps that fix a finding, except those that lead to this page. */
function stepsOf(
  { code: name, severity, slot }: Finding,
  node: HostNode | VmNode | undefined,
  links: PageLinks,
): ReturnType<PageLinks['add']>[] {
  if (node?.kind === 'vm' && slot !== undefined && severity === 'error') {
    const args = [{ slot }];
    return [links.add(t('Leave This Disk Out'), { command: 'refpoint.leaveDiskOut', node, args })];
  }
  // Areas of errors and findings share words: `disk.shared` is not an error of a disk image.
  const meaning = Object.hasOwn(ERROR_MEANINGS, name) ? ERROR_MEANINGS[name] : undefined;
  const steps = [...(meaning?.next ?? []).map((step) => step()), ...prepareSteps(name)];
  return steps.flatMap(({ title, command, args }) => {
    if (!Object.hasOwn(COMMANDS, command) || command === 'refpoint.showFindings') return [];
    return [links.add(title, { command: command as CommandId, node, args })];
  });
}
