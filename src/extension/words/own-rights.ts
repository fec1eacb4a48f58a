import * as vscode from 'vscode';

const { t } = vscode.l10n;

/** Returns how the user of this computer gets the rights that Hyper-V asks for. */
export const howToGetRights = (): string =>
  t(
    'To see the VMs of this computer, join the group Hyper-V Administrators and sign in again, or start the editor as administrator.',
  );

/** Returns whether the engine may attach disks of this computer, and what helps if not; '' if that is not known. */
export function elevationText(elevated: boolean | null): string {
  if (elevated === null) return '';
  return elevated
    ? t('yes')
    : t('no: to read disks by the virtual disk API, start the editor as administrator');
}
