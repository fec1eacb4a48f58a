import * as vscode from 'vscode';
import { STEPS } from './next-step.ts';
import { means, type ErrorMeaning } from './error-meaning.ts';

const { t } = vscode.l10n;

/** Meanings of the codes about backups, restores and recordings. */
export const BACKUP_ERRORS = {
  'trace.file': means(() => t('The recording cannot be opened or written.')),
  'trace.format': means(() => t('The file is not a recording that this version can read.')),
  'trace.notOpen': means(() => t('The recording was closed. Open it again.')),
  'trace.exchange': means(() => t('The recording does not have this exchange.')),
  'tracker.lied': means(
    () => t('What the change tracker said cannot be true: a full backup helps.'),
    STEPS.backUp,
  ),
  'tracker.readers': means(
    () =>
      t(
        'Hyper-V and Windows name different changes of the disk, so the backup was discarded. Both answers are in the store: a full backup helps.',
      ),
    STEPS.backUp,
  ),
  'tracker.refused': means(
    () => t('The change tracker does not answer: a full backup helps.'),
    STEPS.backUp,
  ),
  'plan.incremental': means(() => t('An incremental backup is not possible now.'), STEPS.backUp),
  'plan.disk': means(
    () => t('The VM has a disk that cannot be backed up.'),
    STEPS.leaveDiskOut,
    STEPS.showFindings,
  ),
  'plan.members': means(
    () => t('The VMs of the group are not those of its last point, or share disks with others.'),
    STEPS.backUp,
  ),
  'plan.method': means(
    () => t('The disks of the VM cannot be read that way.'),
    STEPS.editHost,
    STEPS.showFindings,
  ),
  plan: means(() => t('There is nothing to back up.'), STEPS.refresh),
  'path.unmapped': means(
    () => t('This machine does not know where that folder of the host lies.'),
    STEPS.editHost,
  ),
  'path.missing': means(
    () => t('A folder of the host is mapped to a place that does not hold its disks.'),
    STEPS.editHost,
  ),
  'path.denied': means(
    () => t('The account may not read the disks on the file server.'),
    STEPS.testFileAccess,
  ),
  'path.stale': means(
    () => t('The path map leads to an old copy of the disks, not to those that the VM uses.'),
    STEPS.editHost,
  ),
  path: means(() => t('A path cannot be used.'), STEPS.editHost),
  'parent.damaged': means(
    () => t('The point that this one builds on is damaged: a full backup helps.'),
    STEPS.verify,
    STEPS.backUp,
  ),
  'import.settings': means(
    () => t('The point has no settings of the VM: only its disks can be restored.'),
    STEPS.restore,
  ),
  'import.name': means(() => t('The host already has a VM of that name.'), STEPS.restore),
  'import.switch': means(() => t('The host has no virtual switch of that name.'), STEPS.restore),
  'import.invalid': means(() => t('The host found problems with the restored VM.'), STEPS.restore),
  'over.confirm': means(() => t('The confirmation does not name the VM.')),
  'over.state': means(() => t('The disks of a VM can be replaced only while it is off.')),
  'over.checkpoints': means(() =>
    t('The disks of a VM can be replaced only if it has no checkpoints.'),
  ),
  'over.disk': means(() => t('A disk cannot be restored over that of the VM.')),
  'over.open': means(() => t('An earlier restore over the VM is not finished yet.')),
  'over.none': means(() => t('The VM has no restore that can be undone or accepted.')),
  'over.attach': means(() => t('The host did not attach the disk files.')),
  'over.changed': means(() => t('A disk of the VM changed during or since its restore.')),
  'restore.exists': means(() => t('Files of the restore exist already.'), STEPS.restore),
  'restore.inStore': means(
    () => t('A restore into a store would mix its files with the points.'),
    STEPS.restore,
  ),
  'restore.space': means(
    () => t('There is not enough space in the folder of the restore.'),
    STEPS.restore,
  ),
  'restore.mismatch': means(
    () => t('What was restored is not what was recorded. It was not kept.'),
    STEPS.verify,
  ),
  'export.full': means(
    () => t('The host exported a disk in full: a full backup helps.'),
    STEPS.backUp,
  ),
  'export.refused': means(
    () => t('The host refused to export the changes: a full backup helps.'),
    STEPS.backUp,
  ),
  'export.group': means(
    () => t('A group of VMs is not exported: back it up, or export its VMs.'),
    STEPS.backUp,
  ),
  export: means(() => t('The host did not write the export.'), STEPS.editHost),
} satisfies Readonly<Record<string, ErrorMeaning>>;
