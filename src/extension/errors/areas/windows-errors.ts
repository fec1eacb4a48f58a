import * as vscode from 'vscode';
import { means, type ErrorMeaning } from './error-meaning.ts';
import { STEPS } from './next-step.ts';

const { t } = vscode.l10n;

const cannotTell = means(() => t('Windows cannot tell what changed on the disk.'), STEPS.backUp);

/** Rows of the table of errors for the codes of Windows' own functions. */
export const WINDOWS_ERRORS = {
  'virtdisk.answer': means(
    () => t('Windows answered something about the disk that cannot be true.'),
    STEPS.showLog,
  ),
  'virtdisk.argument': means(() => t('Windows does not accept this request.'), STEPS.showLog),
  'virtdisk.busy': means(() =>
    t('A virtual machine or another program uses the disk. Close it and try again.'),
  ),
  'virtdisk.closed': means(() => t('The disk was closed already.')),
  'virtdisk.damaged': means(() => t('Windows found the disk image damaged.')),
  'virtdisk.denied': means(() => t('This account may not open the file.')),
  'virtdisk.exists': means(() => t('A file of this name exists. Choose another name.')),
  'virtdisk.failed': means(() => t('Windows refused a call about the disk.'), STEPS.showLog),
  'virtdisk.full': means(() => t('The volume has no room for the new disk.')),
  'virtdisk.hostFile': means(() =>
    t(
      'Windows does not open a disk image that is compressed, encrypted or sparse. Remove that attribute of the file, or copy the file to a folder without it.',
    ),
  ),
  'virtdisk.missing': means(
    () => t('The virtual disk API works on Windows only, and it cannot be loaded here.'),
    STEPS.showEnvironment,
  ),
  'virtdisk.notElevated': means(() =>
    t('Attaching a disk needs administrator rights. Start the program as administrator.'),
  ),
  'virtdisk.notFound': means(() => t('The file does not exist.')),
  'virtdisk.notImage': means(() => t('The file is not a disk image that Windows supports.')),
  'virtdisk.parent': means(() =>
    t('A parent of the disk is missing, cannot be opened, or is not the one that it was made of.'),
  ),
  'virtdisk.path': means(() => t('Windows does not open a disk image at this path.')),
  'virtdisk.timedOut': means(() => t('Windows did not answer in time.'), STEPS.showLog),
  'virtdisk.tooOld': means(
    () => t('This version of Windows is too old: Windows 10 or Windows Server 2016 is needed.'),
    STEPS.showEnvironment,
  ),
  'virtdisk.tracking': cannotTell,
  'virtdisk.tracking.off': means(
    () => t('Change tracking is off for this disk. The next backup of it is a full one.'),
    STEPS.backUp,
  ),
  'virtdisk.tracking.unknownId': means(
    () => t('The disk does not know this change tracking ID. The next backup is a full one.'),
    STEPS.backUp,
  ),
  'virtdisk.unsupported': means(() => t('Windows does not support this for the disk.')),
  'vss.answer': means(
    () => t('The host answered something about shadow copies that cannot be true.'),
    STEPS.showLog,
  ),
  'vss.diskshadow': means(() => t('The program diskshadow failed on the host.'), STEPS.showLog),
  'vss.busy': means(() =>
    t('VSS is busy on the host, or the writer failed for now. The same backup may succeed later.'),
  ),
  'vss.component': means(() => t('The Hyper-V writer left the VM out of the shadow copies.')),
  'vss.denied': means(() =>
    t(
      'The account may not make shadow copies. Use one of an administrator, in an elevated process.',
    ),
  ),
  'vss.failed': means(() => t('The host could not make or remove the shadow copies.')),
  'vss.others': means(() =>
    t('The shadow copies would freeze VMs that were not named. Back them up too, or allow it.'),
  ),
  'vss.place': means(() => t('No shadow copies can be made of this VM or on this host.')),
  'vss.restore': means(() => t('The Hyper-V writer did not restore the VM.')),
  'vss.storage': means(() => t('The area for differences of the volume is too small or full.')),
  'vss.volume': means(() => t('A volume of the VM cannot be copied.')),
  'vss.writer': means(() =>
    t('The Hyper-V writer failed. The event logs of the host and of the guest say more.'),
  ),
  'vss.log': means(() => t('The file is not a log of diskshadow.')),
  'vss.missing': means(() => t('The host has no diskshadow. Only Windows Server has it.')),
  win32: means(() => t('A function of Windows failed.'), STEPS.showLog),
  'win32.privilege': means(() =>
    t('This needs administrator rights. Start the program as administrator.'),
  ),
  'win32.unavailable': means(
    () => t('This works on Windows only, and it cannot be loaded here.'),
    STEPS.showEnvironment,
  ),
} satisfies Readonly<Record<string, ErrorMeaning>>;
