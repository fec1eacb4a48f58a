import path from 'node:path';
import * as vscode from 'vscode';
import type { CheckFinding, RepairRequest, Repaired } from '../../../../engine/api/disk-check.ts';
import { requests } from '../../../../engine/api/methods.ts';
import { askWhich, confirm, sayInfo, sayWarning, withNotification } from '../../../ask/messages.ts';
import { ANATOMY_EDITOR } from '../../../contributions/view-types.ts';
import type { Engine } from '../../../engine/engine.ts';
import { newFileBeside } from '../../../settings/save-folder.ts';

const { t } = vscode.l10n;

/** Most steps and findings that a question lists. */
const LISTED = 8;

interface RepairServices {
  readonly engine: Engine;
}

/**
 * Repairs an image: shows what would be repaired and what stays, then makes a repaired copy and opens it, or repairs the image
 * itself after another question. Returns whether something was written.
 */
export async function repairImage(services: RepairServices, image: vscode.Uri): Promise<boolean> {
  if (!vscode.workspace.isTrusted) {
    void sayWarning(t('This window is in Restricted Mode.'));
    return false;
  }
  const name = path.posix.basename(image.path);
  const { would, left } = await run(services, image, { confirmed: false });
  if (would.length === 0) {
    void sayInfo(t('{0}: nothing can be repaired without a guess.', name));
    return false;
  }
  const [copy, own] = [t('Repair a Copy…'), t('Repair in Place…')];
  const lines = previewOf(would, left);
  const chosen = await askWhich(t('Repair {0}?', name), lines, copy, own);
  if (chosen === copy) return repairCopy(services, image);
  return chosen === own && repairInPlace(services, image);
}

async function repairCopy(services: RepairServices, image: vscode.Uri): Promise<boolean> {
  const { name, ext, base } = path.posix.parse(image.path);
  const target = await vscode.window.showSaveDialog({
    title: t('Repaired Copy of {0}', base),
    defaultUri: newFileBeside(image, `${name}.repaired${ext}`),
  });
  if (target === undefined) return false;
  // The dialog has asked whether an existing file is replaced.
  const { left } = await run(services, image, {
    to: target.fsPath,
    replace: true,
    confirmed: true,
  });
  await vscode.commands.executeCommand('vscode.openWith', target, ANATOMY_EDITOR);
  const compare = t('Compare with Original');
  void sayInfo(`${t('{0} is repaired.', nameOf(target))} ${leftText(left)}`, compare).then(
    (pressed) =>
      pressed === compare &&
      vscode.commands.executeCommand('refpoint.compareImages', image, target),
  );
  return true;
}

async function repairInPlace(services: RepairServices, image: vscode.Uri): Promise<boolean> {
  const name = nameOf(image);
  const question = t('Change {0} itself?', name);
  const lines = [
    t('Its old bytes are first written to a file beside it, by which the repair can be undone.'),
    t('Nothing else must use the image.'),
  ];
  if (!(await confirm(question, lines, t('Repair in Place')))) return false;
  const { undo, left } = await run(services, image, { inPlace: true, confirmed: true });
  if (undo === null) return false;
  const undoButton = t('Undo Repair');
  const text = `${t('{0} is repaired. Its old bytes are in {1}.', name, undo)} ${leftText(left)}`;
  void sayInfo(text, undoButton).then(async (pressed) => {
    if (pressed !== undoButton) return;
    const params = { path: image.fsPath, record: undo };
    await services.engine.request(requests.undoImageRepair, params);
    void sayInfo(t('{0} has its old bytes again.', name));
  });
  return true;
}

function run(
  { engine }: RepairServices,
  image: vscode.Uri,
  wanted: Partial<RepairRequest>,
): Thenable<Repaired> {
  const params = {
    path: image.fsPath,
    to: null,
    inPlace: false,
    replace: false,
    confirmed: false,
    ...wanted,
  };
  return withNotification(t('Repair of {0}', nameOf(image)), true, (report, token) =>
    engine.requestWithProgress(requests.repairImage, params, ({ phase }) => report(phase), token),
  );
}

const nameOf = ({ path: of }: vscode.Uri): string => path.posix.basename(of);

function previewOf(would: Repaired['would'], left: readonly CheckFinding[]): readonly string[] {
  return [
    t('What the rest of the image proves is repaired:'),
    ...listed(would.map(({ what, code }) => `• ${what} (${code})`)),
    ...(left.length === 0
      ? [t('Nothing stays damaged.')]
      : [t('This stays:'), ...listed(left.map(({ message, code }) => `• ${message} (${code})`))]),
  ];
}

function listed(lines: readonly string[]): readonly string[] {
  const rest = lines.length - LISTED;
  return rest <= 0 ? lines : [...lines.slice(0, LISTED), t('… and {0} more', rest)];
}

function leftText(left: readonly CheckFinding[]): string {
  if (left.length === 0) return t('No problem is left.');
  return left.length === 1 ? t('1 problem is left.') : t('{0} problems are left.', left.length);
}
