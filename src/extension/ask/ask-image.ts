import * as vscode from 'vscode';
import { sayWarning } from './messages.ts';

const { t } = vscode.l10n;

/** Endings of disk images. */
export const IMAGE_ENDINGS = ['vhdx', 'avhdx', 'vhd', 'avhd', 'vhds', 'qcow2', 'img', 'raw'];

/** Asks for disk images: one, or with `several` up to as many as the person selects. Returns files of this computer only. */
export async function askForImages(
  title: string,
  { several = false, beside }: { readonly several?: boolean; readonly beside?: vscode.Uri } = {},
): Promise<readonly vscode.Uri[]> {
  const chosen = await vscode.window.showOpenDialog({
    title,
    canSelectMany: several,
    filters: { [t('Disk images')]: IMAGE_ENDINGS, [t('All files')]: ['*'] },
    ...(beside === undefined ? {} : { defaultUri: vscode.Uri.joinPath(beside, '..') }),
  });
  return onlyFiles(chosen ?? []);
}

/** Returns the addresses if all are files of this computer: the engine opens files only. */
export function onlyFiles(addresses: readonly vscode.Uri[]): readonly vscode.Uri[] {
  const other = addresses.find(({ scheme }) => scheme !== 'file');
  if (other === undefined) return addresses;
  void sayWarning(
    t('{0} is not a file of this machine: Refpoint opens files only.', other.toString(true)),
  );
  return [];
}
