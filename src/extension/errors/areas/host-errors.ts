import * as vscode from 'vscode';
import { STEPS } from './next-step.ts';
import { means, type ErrorMeaning } from './error-meaning.ts';

const { t } = vscode.l10n;

const strangeAnswer = means(
  () => t('The host answered something that is not understood.'),
  STEPS.showFindings,
);

/** Meanings of the codes about hosts and their VMs. */
export const HOST_ERRORS = {
  'host.vm.notFound': means(
    () => t('The VM is no longer on the host, or this user may not see it.'),
    STEPS.refresh,
  ),
  'host.vm.moved': means(
    () => t('The VM moved to another host during the backup. Back it up there.'),
    STEPS.refresh,
  ),
  'host.vm.ambiguous': means(() => t('Several VMs have this name.'), STEPS.refresh),
  'host.group.notFound': means(() => t('The host has no such VM group any more.'), STEPS.refresh),
  'host.group.ambiguous': means(
    () => t('Several VM groups of the host have this name. Name the group by its ID.'),
    STEPS.refresh,
  ),
  'host.group.shared': means(
    () => t('The VMs of the group could not be frozen together because of a disk they share.'),
    STEPS.refresh,
  ),
  'host.disk.notFound': means(() => t('The VM has no such disk any more.'), STEPS.refresh),
  'host.checkpoint.notFound': means(() => t('The checkpoint is gone.'), STEPS.refresh),
  'host.checkpoint.foreign': means(
    () => t('The checkpoint is in no ledger of yours: another product may be reading it.'),
    STEPS.refresh,
  ),
  'host.checkpoint.type': means(
    () => t('Only a backup checkpoint can become a reference point.'),
    STEPS.refresh,
  ),
  'host.referencePoint.notFound': means(() => t('The reference point is gone.'), STEPS.refresh),
  'host.referencePoint.foreign': means(
    () => t('The reference point is in no ledger of yours: another product may need it.'),
    STEPS.refresh,
  ),
  'host.unsupported': means(
    () => t('The host lacks a service that backups need.'),
    STEPS.showFindings,
  ),
  'host.rights': means(
    () => t('This user sees no Hyper-V services on the host.'),
    STEPS.showFindings,
    STEPS.editHost,
  ),
  'host.vmms': means(
    () => t('The Hyper-V service (vmms) does not run on the host.'),
    STEPS.connect,
  ),
  'host.value': strangeAnswer,
  'host.method': means(() => t('Hyper-V refused the call.'), STEPS.showFindings),
  'host.job': means(() => t('A job of Hyper-V failed.'), STEPS.cleanUp),
  'host.busy': means(
    () => t('The VM is busy. Wait until it is not, and try again.'),
    STEPS.refresh,
  ),
  'host.consistency': means(
    () => t('The guest could not be brought into a consistent state.'),
    STEPS.showFindings,
  ),
  'host.tracking': means(
    () => t('Change tracking does not go back that far: a full backup helps.'),
    STEPS.backUp,
  ),
  'host.unclear': means(
    () => t('Several new objects on the host fit what was asked for; none was touched.'),
    STEPS.cleanUp,
  ),
  'host.notRemoved': means(
    () => t('The host still lists what it should have removed.'),
    STEPS.cleanUp,
  ),
  'host.merge': means(() => t('The merge of a checkpoint does not go on.'), STEPS.showFindings),
} satisfies Readonly<Record<string, ErrorMeaning>>;
