import * as vscode from 'vscode';
import { formatBytes } from '../../words/format.ts';
import type { GroupShow, VmShow } from '../../../engine/api/host.ts';
import type { Services } from '../../services/services.ts';
import type { SubjectNode } from '../../nodes/nodes.ts';
import { hostFileName, vmLabel } from '../../nodes/node-names.ts';
import { choose, chooseSeveral, type Item } from '../../ask/choose.ts';
import { usualTrackerCheck } from '../../choices/backup-options.ts';
import {
  CHECK_LABELS,
  CONSISTENCY_LABELS,
  GUEST_BACKUP_LABELS,
  mergeWaitText,
  METHOD_LABELS,
} from '../../choices/describe-choices.ts';
import { MERGE_WAITS, type BackupChoices } from '../../choices/remembered-choices.ts';

const { t } = vscode.l10n;

/** Asks for one option; Returns undefined if it is cancelled. */
type Ask = (now: BackupChoices) => Promise<BackupChoices | undefined>;

/** Changes the options of the VMs until the person goes back. What is chosen is remembered for each of them. */
export async function askOptions(services: Services, vms: readonly SubjectNode[]): Promise<void> {
  const [first, ...more] = vms;
  if (first === undefined) return;
  const only = more.length === 0 ? first : undefined;
  const title =
    only === undefined ? t('Options for {0} VMs', vms.length) : t('Options for {0}', vmLabel(only));
  for (;;) {
    const now = services.choices.of(first.row.id);
    const ask = await choose<Ask | null>(title, optionRows(services, only, now), {
      placeHolder: t('Remembered for the next backup, too'),
    });
    if (ask === undefined || ask === null) return;
    const next = await ask(now);
    if (next === undefined) continue;
    for (const { row } of vms) {
      // Disks belong to one VM; what is chosen for several leaves theirs alone.
      const { leftOut } = only === undefined ? services.choices.of(row.id) : next;
      await services.choices.set(row.id, { ...next, leftOut: leftOut ?? [] });
    }
  }
}

function optionRows(
  services: Services,
  only: SubjectNode | undefined,
  now: BackupChoices,
): readonly Item<Ask | null>[] {
  const { leftOut = [] } = now;
  const usual = usualTrackerCheck();
  const rows: Item<Ask | null>[] = [
    {
      label: t('Consistency'),
      description: CONSISTENCY_LABELS[now.consistency ?? 'default'](),
      icon: 'shield',
      value: askConsistency,
    },
    {
      label: t('Backup Type in the Guest'),
      description: GUEST_BACKUP_LABELS[now.guestBackup ?? 'copy'](),
      icon: 'vm',
      value: askGuestBackup,
    },
    {
      label: t('Read Disks By'),
      description: METHOD_LABELS[methodOf(now)](),
      icon: 'book',
      value: askMethod,
    },
    {
      label: t('Tracker Check'),
      description:
        now.checkTracker === undefined
          ? t('{0} (as in the settings)', CHECK_LABELS[usual]())
          : CHECK_LABELS[now.checkTracker](),
      icon: 'checklist',
      value: askTrackerCheck,
    },
    {
      label: t('Wait for Merges'),
      description: mergeWaitText(now.mergeWaitSeconds),
      icon: 'git-merge',
      value: askMergeWait,
    },
  ];
  return [
    { label: t('Back to the Plan'), icon: 'arrow-left', value: null },
    ...(only === undefined
      ? []
      : [
          {
            label: t('Disks'),
            description:
              leftOut.length === 0
                ? t('all')
                : leftOut.map((slot) => t('without {0}', slot)).join(', '),
            icon: 'database',
            value: (choices: BackupChoices) => askDisks(services, only, choices),
          },
        ]),
    ...rows,
    ...(Object.keys(now).length === 0
      ? []
      : [{ label: t('Reset to Defaults'), icon: 'discard', value: async () => ({}) }]),
  ];
}

const methodOf = ({ method }: BackupChoices): keyof typeof METHOD_LABELS =>
  method === 'file' || method === 'export' ? method : 'auto';

const askConsistency: Ask = async (now) => {
  const consistency = await choose(t('Consistency'), [
    { label: CONSISTENCY_LABELS.default(), value: 'default' as const },
    {
      label: CONSISTENCY_LABELS.application(),
      detail: t('Programs in the guest flush their data first'),
      value: 'application' as const,
    },
    {
      label: CONSISTENCY_LABELS.crash(),
      detail: t('As if the power had failed; the guest takes no part'),
      value: 'crash' as const,
    },
  ]);
  return consistency && { ...now, consistency };
};

const askGuestBackup: Ask = async (now) => {
  const guestBackup = await choose(t('Backup Type in the Guest'), [
    {
      label: GUEST_BACKUP_LABELS.copy(),
      detail: t('Leaves the logs in the guest alone'),
      value: 'copy' as const,
    },
    {
      label: GUEST_BACKUP_LABELS.full(),
      detail: t('May truncate logs that another backup product needs'),
      value: 'full' as const,
    },
  ]);
  return guestBackup && { ...now, guestBackup };
};

const askMethod: Ask = async (now) => {
  const method = await choose(t('Read Disks By'), [
    { label: METHOD_LABELS.auto(), value: 'auto' as const },
    {
      label: METHOD_LABELS.file(),
      detail: t('Reads only what changed; needs the folders of the host on this machine'),
      value: 'file' as const,
    },
    {
      label: METHOD_LABELS.export(),
      detail: t('Needs a folder for exports that this machine reaches, and space in it'),
      value: 'export' as const,
    },
  ]);
  return method && { ...now, method };
};

const askTrackerCheck: Ask = async (now) => {
  const usual = usualTrackerCheck();
  const chosen = await choose(t('Tracker Check'), [
    { label: t('As in the Settings'), description: CHECK_LABELS[usual](), value: '' as const },
    {
      label: CHECK_LABELS.off(),
      detail: t('A change that the tracker leaves out goes unseen'),
      value: 'off' as const,
    },
    {
      label: CHECK_LABELS.sample(),
      detail: t('Reads some of what the tracker calls unchanged and compares it'),
      value: 'sample' as const,
    },
    {
      label: CHECK_LABELS.full(),
      detail: t('Reads all of it; takes as long as a full backup'),
      value: 'full' as const,
    },
  ]);
  if (chosen === undefined) return undefined;
  const { checkTracker: _, ...rest } = now;
  return chosen === '' ? rest : { ...rest, checkTracker: chosen };
};

const askMergeWait: Ask = async (now) => {
  const chosen = await choose<number | ''>(t('Wait for Merges'), [
    {
      label: mergeWaitText(undefined),
      detail: t('A merge that takes longer goes on by itself; the backup is complete'),
      value: '',
    },
    ...MERGE_WAITS.map((value) => ({ label: mergeWaitText(value), value })),
  ]);
  if (chosen === undefined) return undefined;
  const { mergeWaitSeconds: _, ...rest } = now;
  return chosen === '' ? rest : { ...rest, mergeWaitSeconds: chosen };
};

/** Asks which disks are backed up; shows those that cannot be, not selected at first. */
export async function askDisks(
  { hosts, groups }: Services,
  vm: SubjectNode,
  now: BackupChoices,
): Promise<BackupChoices | undefined> {
  const { disks, findings } =
    vm.kind === 'group' ? slotsOfGroup(await groups.details(vm)) : await hosts.details(vm);
  const { leftOut = [] } = now;
  const rows = disks.map(({ controller: slot, path, virtualSize, shared }) => {
    const problem = findings.find((each) => each.severity === 'error' && each.slot === slot);
    const why =
      shared && vm.kind === 'vm'
        ? t('shared')
        : problem === undefined
          ? ''
          : t('cannot be backed up');
    return {
      label: hostFileName(path) || slot,
      description: [slot, virtualSize === null ? '' : formatBytes(virtualSize), why]
        .filter(Boolean)
        .join(' · '),
      icon: 'database',
      value: slot,
      picked: !leftOut.includes(slot) && why === '',
    };
  });
  const taken = await chooseSeveral(t('Disks of {0} to back up', vmLabel(vm)), rows, {
    always: true,
  });
  if (taken === undefined) return undefined;
  return {
    ...now,
    leftOut: disks.map(({ controller }) => controller).filter((slot) => !taken.includes(slot)),
  };
}

/** Returns the disks of a group with their slots where a VM has its controllers. */
const slotsOfGroup = ({
  disks,
  findings,
}: GroupShow): {
  readonly disks: readonly Pick<
    VmShow['disks'][number],
    'controller' | 'path' | 'virtualSize' | 'shared'
  >[];
  readonly findings: VmShow['findings'];
} => ({ disks: disks.map((disk) => ({ ...disk, controller: disk.slot })), findings });
