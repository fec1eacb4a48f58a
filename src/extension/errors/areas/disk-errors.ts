import * as vscode from 'vscode';
import { STEPS } from './next-step.ts';
import { means, type ErrorMeaning } from './error-meaning.ts';

const { t } = vscode.l10n;

const damagedImage = means(() => t('The disk image is damaged.'), STEPS.verify);
const unreadImage = means(() => t('This kind of disk image is not read yet.'));

/** Meanings of the codes about files, disk images and maps. */
export const DISK_ERRORS = {
  'source.notFound': means(() => t('A file is not there.'), STEPS.refresh),
  'source.notFile': means(() => t('This is not a file.')),
  'source.exists': means(() => t('A file exists already.')),
  'source.denied': means(() => t('Access to a file is denied.'), STEPS.showEnvironment),
  'source.full': means(() => t('There is no space left on the drive.'), STEPS.addStore),
  'source.busy': means(() => t('A file is in use by another program.')),
  source: means(() => t('A file cannot be read or written.')),
  'disk.snapshot': means(() => t('The host does not say which snapshot it made of a shared disk.')),
  'disk.identity': means(
    () => t('The file is not the disk that the host reports.'),
    STEPS.editHost,
  ),
  'disk.ambiguous': means(() => t('Several disks have this name: name the slot.'), STEPS.refresh),
  'disk.changed': means(
    () => t('The disk of the VM is not the one that the last point holds: a full backup helps.'),
    STEPS.backUp,
  ),
  'disk.format': means(() => t('The file is not a disk image.')),
  'disk.unsupported': unreadImage,
  'disk.parent.missing': means(() => t('The parent of the disk image was not found.')),
  'disk.source.changed': means(() => t('The disk image changed while it was read.')),
  'disk.target.source': means(() => t('The new file would replace its own source.')),
  'disk.edit': means(() => t('The disk image cannot be changed in place.')),
  'disk.rebase': means(() => t('The new parent has other contents.')),
  'disk.readers': means(
    () =>
      t(
        'Windows and Refpoint read different bytes of the disk, so the backup was discarded. Both readings are in the store: another read method may help.',
      ),
    STEPS.backUp,
  ),
  'disk.repair': means(() => t('The repair of the disk image, or its undo, was refused.')),
  'disk.write': means(() => t('The disk image cannot be written.')),
  disk: means(() => t('The disk image cannot be read.'), STEPS.verify),
  'guest.encrypted': means(() => t('The guest encrypted this; Refpoint has no key.')),
  'guest.unsupported': means(() => t('Refpoint does not read this file or file system.')),
  'guest.space': means(() => t('The folder has too little space for the files.')),
  'guest.limit': means(() => t('The file system of the guest exceeds a limit of Refpoint.')),
  'guest.volume': means(() => t('The disk has several volumes, or not the named one.')),
  'guest.damaged': means(() => t('The file system of the guest is damaged.')),
  guest: means(() => t('The file is not in the guest’s file system.')),
  'vhdx.signature': means(() => t('The file is not a VHDX.')),
  'vhdx.write': means(() => t('The disk image cannot be written.')),
  'vhdx.merge': means(() => t('Parent and child do not fit.')),
  vhdx: damagedImage,
  'vhd.write': means(() => t('The disk image cannot be written.')),
  vhd: damagedImage,
  'vhds.backing.missing': means(() => t('The file that holds the disk of a VHD Set is missing.')),
  'vhds.name': means(() => t('The VHD Set names a file outside of its folder.')),
  vhds: damagedImage,
  'qcow2.signature': means(() => t('The file is not a qcow2 image.')),
  'qcow2.version': unreadImage,
  'qcow2.feature': unreadImage,
  'qcow2.encrypted': means(() => t('The disk image is encrypted.')),
  'qcow2.dataFile': unreadImage,
  'qcow2.backing.outside': means(() =>
    t('The backing file of the disk image is not in or below its folder.'),
  ),
  'qcow2.write': means(() => t('The disk image cannot be written.')),
  qcow2: damagedImage,
  bytes: damagedImage,
  range: means(() => t('Invalid byte range.')),
  guid: means(() => t('Invalid ID.')),
  anatomy: means(() => t('The file is not open any more. Open it again.')),
  'map.notOpen': means(() => t('The map is not open any more. Open it again.')),
  'map.tooMany': means(() => t('There are more ranges than a map holds.')),
  'map.csv': means(() => t('The file holds no ranges.')),
  'map.between': means(() => t('The two points cannot be compared.')),
  'map.kept': means(() => t('The kept ranges are gone. Query the changes again.')),
  map: means(() => t('The map cannot be shown.')),
} satisfies Readonly<Record<string, ErrorMeaning>>;
