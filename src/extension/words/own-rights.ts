import * as vscode from 'vscode';
import type { Finding } from '../../engine/api/host.ts';

const { t } = vscode.l10n;

/** Returns how the user of this computer gets the rights that Hyper-V asks for. */
export const howToGetRights = (): string =>
  t(
    'To see the VMs of this computer, join the group Hyper-V Administrators and sign in again, or start the editor as administrator.',
  );

/** Returns whether shadow copies of the host can be made, if a test found that the rights are missing; else ''. */
export function shadowRightsText(findings: readonly Pick<Finding, 'code'>[]): string {
  return findings.some(({ code }) => code === 'vss.denied')
    ? t('not possible: they need an administrator of the host, and an elevated process')
    : '';
}

/** Returns whether the engine may attach disks of this computer, and what helps if not; '' if that is not known. */
export function elevationText(elevated: boolean | null): string {
  if (elevated === null) return '';
  return elevated
    ? t('yes')
    : t(
        'no: to make shadow copies or read disks by the virtual disk API, start the editor as administrator',
      );
}
