import * as vscode from 'vscode';
import type { ImportPlan, LostPart } from '../../../engine/api/backup.ts';
import { hostLabel } from '../../settings/hosts.ts';
import type { PointOfStore } from '../../stores/pick-store.ts';
import { formatBytes } from '../../words/format.ts';
import { pointName } from '../../words/point-name.ts';
import { shortPath } from '../backup/plan-vm.ts';
import { changeFolder, changeHost, changeName, changeNetwork } from './restore-changes.ts';
import type { Change, PlanItem, RestoreAnswer, RestoreDraft } from './restore-draft.ts';
import { findingRows } from './restore-fixes.ts';
import { showPlan, type PlanSection } from '../../ask/show-plan.ts';

const { t } = vscode.l10n;

/**
 * Shows the plan of a restore as a new VM: first what prevents it, with fixes, then each choice, which can be changed. Returns
 * undefined if it is cancelled.
 */
export function pickRestorePlan(
  of: PointOfStore,
  draft: RestoreDraft,
  ask: (token: vscode.CancellationToken) => Promise<ImportPlan>,
): Promise<RestoreAnswer | undefined> {
  const name = of.vm.name === '' ? of.vm.id : of.vm.name;
  const title = t('Restore {0}, {1}, as a new VM', name, pointName(of.point));
  return showPlan(title, ask, (plan) => sectionsOf(draft, plan));
}

function sectionsOf(draft: RestoreDraft, plan: ImportPlan): readonly PlanSection<RestoreAnswer>[] {
  const { fixes, others } = findingRows(draft, plan);
  const possible = plan.findings.length === 0;
  const start: PlanItem = {
    label: t('Restore'),
    description: possible
      ? t('writes the disks, proves them, makes the VM')
      : t('not possible yet: the problems above prevent it'),
    icon: possible ? 'check' : 'circle-slash',
    value: possible ? { do: 'start', plan } : null,
  };
  const rows = [...choiceRows(draft, plan), ...others];
  const lost = { heading: t('Does not come back'), items: plan.lost.map(lostRow) };
  return possible
    ? [
        { heading: '', items: [start] },
        { heading: t('The host found, when it was tried'), items: fixes },
        { heading: t('Plan'), items: rows },
        lost,
      ]
    : [
        { heading: t('Problems'), items: fixes },
        { heading: t('Plan'), items: [start, ...rows] },
        lost,
      ];
}

const LOST: Readonly<Record<LostPart['code'], (name: string) => readonly [string, string]>> = {
  bootFile: (name) => [t('Boot entry {0}', name), t('its disk takes its place in the boot order')],
  bootOrder: (name) => [t('Boot entry {0}', name), t('its device is not in the point')],
  tpm: () => [
    t('Virtual TPM'),
    t(
      'it is not restored, since its state was in the .vmgs; a guest with keys in it needs its recovery keys',
    ),
  ],
  device: (name) => [name, t('add it by hand')],
};

function lostRow({ code, name }: LostPart): PlanItem {
  const [label, description] = LOST[code](name);
  return { label, description, icon: 'info', value: null };
}

/** A row for each choice, with what it is now. */
function choiceRows(draft: RestoreDraft, plan: ImportPlan): readonly PlanItem[] {
  const change = (to: Change): RestoreAnswer => ({ do: 'change', change: to });
  const { host } = draft;
  const from =
    plan.from === 'configuration'
      ? t('made of its configuration files')
      : t('made of its settings');
  return [
    {
      label: t('Host'),
      description:
        plan.computerName === null ? hostLabel(host) : `${hostLabel(host)} · ${plan.computerName}`,
      icon: 'server-environment',
      value: change((services) => changeHost(services, draft)),
    },
    {
      label: t('Name'),
      description: plan.from === null ? plan.name : `${plan.name} · ${from}`,
      icon: 'vm',
      value: change(() => changeName(draft, plan)),
    },
    {
      label: t('Folder'),
      description: plan.hostFolder,
      ...(plan.folder === null ? {} : { detail: placeText(plan.folder) }),
      icon: 'folder',
      value: change(() => changeFolder(draft)),
    },
    ...(plan.networks ?? []).map((network): PlanItem => ({
      label: t('Network'),
      description:
        network.to === null
          ? t('{0}: disconnected', network.switch)
          : t('{0}: connected to {1}', network.switch, network.to),
      icon: 'type-hierarchy-sub',
      value: change(() => changeNetwork(draft, plan, network)),
    })),
    {
      label: t('Start'),
      description: draft.start ? t('yes, when it is complete') : t('no, it stays off'),
      icon: 'play',
      value: change(async () => ({ ...draft, start: !draft.start })),
    },
    diskRow(plan),
  ];
}

/** The folder as it is reached from here: UNC paths are those of a file server. */
const placeText = (folder: string): string =>
  folder.startsWith('\\\\')
    ? t('written over SMB: {0}', shortPath(folder, 80))
    : t('here: {0}', shortPath(folder, 80));

/** The size of the only disk is in the first line; several are listed below it. */
function diskRow({ disks, neededBytes, freeBytes }: ImportPlan): PlanItem {
  const [only, ...more] = disks;
  const count =
    only !== undefined && more.length === 0
      ? t('1 disk of {0}', formatBytes(only.virtualSize))
      : t('{0} disks', disks.length);
  const needed = t('takes up to {0}', formatBytes(neededBytes));
  const free = freeBytes === null ? [] : [t('{0} free', formatBytes(freeBytes))];
  const names = disks.map(
    ({ path, virtualSize }) => `${path.split('\\').at(-1)} (${formatBytes(virtualSize)})`,
  );
  return {
    label: t('Disks'),
    description: [count, needed, ...free].join(' · '),
    ...(more.length === 0 ? {} : { detail: names.join(' · ') }),
    icon: 'database',
    value: null,
  };
}
