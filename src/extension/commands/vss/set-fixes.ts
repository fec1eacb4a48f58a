import * as vscode from 'vscode';
import type { ErrorInfo } from '../../../engine/api/errors.ts';
import type { SetPlanDocument } from '../../../engine/api/vss.ts';
import { confirm } from '../../ask/messages.ts';
import { presentCode } from '../../errors/present-error.ts';
import type { Services } from '../../services/services.ts';
import { mapFolder } from '../../hosts/map-folder.ts';
import { isThisComputer } from '../../settings/host-address.ts';
import { vmNames } from '../../words/group-words.ts';
import type { SetDraft, SetItem } from './set-draft.ts';

const { t } = vscode.l10n;

type Change = (services: Services) => Promise<SetDraft | undefined>;

const fix = (label: string, detail: string, change: Change): SetItem => ({
  label,
  ...(detail === '' ? {} : { detail }),
  icon: 'wrench',
  value: { do: 'change', change },
});

/** Rows of what prevents a backup by VSS, each with its fix. */
export function setFixes(draft: SetDraft, plan: SetPlanDocument): readonly SetItem[] {
  return plan.problems.flatMap((problem) => fixesOf(draft, plan, problem));
}

function fixesOf(
  draft: SetDraft,
  plan: SetPlanDocument,
  { code, message, data }: ErrorInfo,
): readonly SetItem[] {
  const { sentence, detail } = presentCode(code, message, undefined, data);
  switch (code) {
    case 'vss.others':
      return isAllowed(draft, plan) ? [] : otherFixes(draft, plan);
    case 'vss.denied':
      return deniedFixes(draft, sentence, detail);
    case 'path.unmapped':
    case 'path.missing':
      return mapFixes(draft, detail, data);
    default:
      return [{ label: sentence, detail, icon: 'error', value: null }];
  }
}

/** Whether the person allowed that each of the other VMs is frozen. */
const isAllowed = ({ allowed }: SetDraft, { others }: SetPlanDocument): boolean =>
  others.every(({ id }) => allowed.includes(id));

function otherFixes(
  draft: SetDraft,
  { others, saved, failed }: SetPlanDocument,
): readonly SetItem[] {
  const names = vmNames(others);
  const count = others.length;
  // Those that cannot be in a set are frozen nevertheless.
  const more = others.filter(({ id }) => !failed.some(({ vm }) => vm.id === id));
  const too =
    more.length === 1
      ? t('Back Up the Other VM Too')
      : t('Back Up the {0} Other VMs Too', more.length);
  const allow =
    count === 1 ? t('Allow Freezing the Other VM…') : t('Allow Freezing {0} Other VMs…', count);
  const hurt = others.filter(({ id }) => saved.some((each) => each.id === id));
  return [
    ...(more.length === 0
      ? []
      : [
          fix(too, vmNames(more), async ({ hosts }) => {
            const added = more.flatMap(({ id }) => hosts.vm(draft.host, id) ?? []);
            return { ...draft, vms: [...draft.vms, ...added] };
          }),
        ]),
    fix(allow, t('their disks are on the same volumes: {0}', names), async () => {
      const lines = [
        ...others.slice(0, 20).map(({ id, name }) => (name === '' ? id : name)),
        ...(count > 20 ? [t('and {0} more', count - 20)] : []),
        '',
        t('They are frozen for a moment, and no point is made of them.'),
        ...(hurt.length === 0 ? [] : [t('Saved and resumed: {0}', vmNames(hurt))]),
      ];
      const question =
        count === 1
          ? t('Freeze 1 VM that is not backed up?')
          : t('Freeze {0} VMs that are not backed up?', count);
      if (!(await confirm(question, lines, t('Allow')))) return undefined;
      return { ...draft, allowed: others.map(({ id }) => id) };
    }),
  ];
}

/** A row that maps the folder in which the host mounts shadow copies. */
function mapFixes(draft: SetDraft, detail: string, data: ErrorInfo['data']): readonly SetItem[] {
  const folder = typeof data?.['found'] === 'string' ? data['found'] : '';
  return [
    fix(t('Map a Folder of the Host…'), detail, async ({ hosts }) =>
      (await mapFolder(draft.host, folder))
        ? { ...draft, host: hosts.at(draft.host.url)?.host ?? draft.host }
        : undefined,
    ),
  ];
}

/** Rows on missing rights: how to get them on this computer, or another login. */
function deniedFixes(draft: SetDraft, sentence: string, detail: string): readonly SetItem[] {
  const here = isThisComputer(draft.host.url);
  return [
    { label: sentence, detail, icon: 'error', value: null },
    here
      ? {
          label: t('Start the Editor as Administrator'),
          detail: t('Close it, choose Run as administrator in the Start menu, and run this again.'),
          icon: 'shield',
          value: null,
        }
      : fix(t('Edit Host…'), t('Log in as an administrator of the host.'), async ({ hosts }) => {
          await vscode.commands.executeCommand('refpoint.editHost', hosts.hostOf(draft.host));
          // With another user it is another entry of the settings.
          return { ...draft, host: hosts.at(draft.host.url)?.host ?? draft.host };
        }),
    fix(t('How to Prepare a Host'), '', async () => {
      await vscode.commands.executeCommand('refpoint.prepareHost', { code: 'vss.denied' });
      return undefined;
    }),
  ];
}
