import * as vscode from 'vscode';
import { means, type ErrorMeaning } from './error-meaning.ts';
import { STEPS } from './next-step.ts';

const { t } = vscode.l10n;

/** Rows of the table of errors for the codes of file servers. */
export const SMB_ERRORS = {
  'smb.address': means(() => t('This is not the path of a file on a server.')),
  'smb.busy': means(() => t('Another program has the file open and does not share it.')),
  'smb.denied': means(
    () => t('The account may not read this file or this share.'),
    STEPS.testFileAccess,
  ),
  'smb.redirect': means(
    () => t('The path leads to another server, or through a symbolic link. Neither is followed.'),
    STEPS.showLog,
  ),
  'smb.dialect': means(() => t('The file server does not support SMB 3.')),
  'smb.encryption': means(
    () => t('SMB encryption is required, and the file server does not support it.'),
    STEPS.testFileAccess,
  ),
  'smb.file.changed': means(
    () => t('A disk changed while the connection to its server was lost. Start the backup again.'),
    STEPS.backUp,
  ),
  'smb.guest': means(
    () => t('The file server accepted the account as a guest only, which is not safe.'),
    STEPS.enterPassword,
  ),
  'smb.lost': means(() => t('The connection to the file server was lost.'), STEPS.showLog),
  'smb.notFound': means(() => t('The file server has no such file.'), STEPS.testFileAccess),
  'smb.share': means(() => t('The file server has no such share.'), STEPS.testFileAccess),
  'smb.server.unknown': means(
    () => t('The disk lies on a file server that was not approved for this host.'),
    STEPS.editHost,
  ),
  'smb.signature': means(
    () => t('Messages of the file server were altered on the way.'),
    STEPS.showLog,
  ),
  'smb.downgrade': means(
    () => t('Messages of the file server were altered on the way.'),
    STEPS.showLog,
  ),
  'smb.unprotected': means(
    () => t('The file server answered without signature or encryption.'),
    STEPS.showLog,
  ),
  'smb.timeout': means(() => t('The file server did not answer in time.'), STEPS.testFileAccess),
  'smb.unreachable': means(() => t('The file server cannot be reached.'), STEPS.testFileAccess),
  smb: means(() => t('The file server gave an answer that is not valid.'), STEPS.showLog),
  'rsvd.busy': means(() => t('Somebody else has the shared disk open.'), STEPS.showLog),
  'rsvd.kind': means(() => t('The file is not a shared disk, or not a VHD Set.')),
  'rsvd.reserved': means(() => t('Another host has reserved the shared disk.'), STEPS.showLog),
  'rsvd.snapshot': means(() => t('The VHD Set does not have this snapshot.')),
  'rsvd.unsupported': means(() => t('The file server does not support shared disks.')),
  'rsvd.version': means(() => t('The file server is too old for this operation.')),
  rsvd: means(() => t('The file server could not read the shared disk.'), STEPS.showLog),
} satisfies Readonly<Record<string, ErrorMeaning>>;
