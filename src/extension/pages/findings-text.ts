import * as vscode from 'vscode';
import type { Finding, HostTest, VmShow } from '../../engine/api/host.ts';
import { code, fact, prose } from './markdown.ts';

const { t } = vscode.l10n;

/** What backups need of a host, as its services give it. */
const SERVICES: readonly (readonly [keyof HostTest['services'], () => string])[] = [
  ['management', () => t('virtual machines')],
  ['snapshot', () => t('checkpoints')],
  ['referencePoint', () => t('reference points')],
  ['imageManagement', () => t('disk images')],
];

/** What a host is, what stands in the way of backups on it, and of those of one of its VMs. */
export function findingsText(name: string, test: HostTest, vm: VmShow | undefined): string {
  const services = SERVICES.map(([service, label]) =>
    test.services[service] ? label() : t('no {0}', label()),
  );
  return [
    `# ${prose(name)}`,
    '',
    ...fact(t('Address'), code(test.host)),
    ...fact(t('Identity'), `${prose(test.identity)} ${prose(test.product)}`),
    ...fact(t('Kind'), test.lab ? t('an emulated host: the lab') : t('a Hyper-V host')),
    ...fact(t('Services'), services.join(', ')),
    '',
    ...findingLines(t('Findings of the Host'), test.findings),
    ...(vm === undefined ? [] : findingLines(t('Findings of {0}', code(vm.name)), vm.findings)),
  ].join('\n');
}

function findingLines(title: string, findings: readonly Finding[]): readonly string[] {
  const lines = findings.map(
    (each) => `- **${prose(each.severity)}** ${prose(each.message)} (${code(each.code)})`,
  );
  const none = t('Nothing stands in the way of backups.');
  return [`## ${title}`, '', ...(lines.length === 0 ? [none] : lines), ''];
}
