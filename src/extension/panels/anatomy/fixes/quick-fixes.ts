import * as vscode from 'vscode';
import type { ImageFix } from '../../../../engine/api/disk-contents.ts';
import { IMAGE_ENDINGS } from '../../../ask/ask-image.ts';
import { SOURCE, type ImageProblems } from './image-problems.ts';

const { t } = vscode.l10n;

/** Returns the command of a fix, with its title in a list of fixes. */
export function commandOf(fix: ImageFix): { readonly command: string; readonly title: string } {
  switch (fix) {
    case 'rebase':
      return { command: 'refpoint.rebaseImage', title: t('Choose Another Parent…') };
    case 'repair':
      return { command: 'refpoint.repairImage', title: t('Repair…') };
    case 'rescue':
      return { command: 'refpoint.rescueImage', title: t('Rescue What Can Be Read…') };
  }
}

/**
 * Offers the fixes of a checked image for its problems. The workbench asks for them only if the image is open as text; elsewhere the link of
 * a problem offers them (`ImageProblems`).
 */
export function registerQuickFixes(problems: ImageProblems): vscode.Disposable {
  const kind = vscode.CodeActionKind.QuickFix;
  return vscode.languages.registerCodeActionsProvider(
    IMAGE_ENDINGS.map((ending) => ({ scheme: 'file', pattern: `**/*.${ending}` })),
    {
      provideCodeActions: ({ uri }, _range, { diagnostics }) => {
        const own = diagnostics.filter(({ source }) => source === SOURCE);
        if (own.length === 0) return [];
        return problems.fixesOf(uri).map((fix) => {
          const { command, title } = commandOf(fix);
          const action = new vscode.CodeAction(title, kind);
          action.command = { command, title, arguments: [uri] };
          action.diagnostics = own;
          return action;
        });
      },
    },
    { providedCodeActionKinds: [kind] },
  );
}
