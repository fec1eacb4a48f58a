import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { inertText } from '../words/inert-text.ts';

const { t } = vscode.l10n;

export interface FolderQuestion {
  readonly title: string;
  readonly prompt: string;
  readonly placeHolder: string;
  /** Label of the dialog's button. */
  readonly openLabel: string;
  /** Text that the box begins with. */
  readonly value?: string;
  /** Returns the problem with a text, or undefined. Expects an absolute path of a folder if absent. */
  readonly validate?: (text: string) => string | undefined;
  /** Returns the problem with the folder when it is used, or undefined. The box stays open and shows it. */
  readonly check?: (folder: string) => Promise<string | undefined>;
  /** Asks for a file instead. */
  readonly file?: boolean;
  /** Puts a folder of the dialog into the text of the box; absent: the folder is the answer. */
  readonly withFolder?: (text: string, folder: string) => string;
}

/**
 * Asks for a folder, or a file, of the machine that the extension runs on: by its path, which reaches shares and remote machines, or by a
 * dialog. `~/` is the home of the person there. Returns undefined if it is cancelled.
 */
export async function askFolder(question: FolderQuestion): Promise<string | undefined> {
  const browse: vscode.QuickInputButton = {
    iconPath: new vscode.ThemeIcon('folder-opened'),
    tooltip: question.file === true ? t('Choose a File…') : t('Choose a Folder…'),
  };
  const { validate = question.file === true ? fileProblem : folderProblem } = question;
  const { withFolder, check } = question;
  const box = vscode.window.createInputBox();
  box.title = inertText(question.title);
  box.prompt = inertText(question.prompt);
  box.placeholder = question.placeHolder;
  box.value = question.value ?? '';
  box.buttons = [browse];
  box.ignoreFocusOut = true;
  try {
    return await new Promise<string | undefined>((resolve) => {
      // In remote windows the dialog is a pick of its own, which hides the box: that does not cancel it.
      let browsing = false;
      box.onDidChangeValue((text) => {
        box.validationMessage = text.trim() === '' ? undefined : validate(text);
      });
      let checking = false;
      const take = async (text: string): Promise<void> => {
        if (checking) return;
        const answer = withFolder === undefined ? expandHome(text.trim()) : text.trim();
        checking = true;
        box.busy = true;
        try {
          box.validationMessage = validate(text) ?? (await check?.(answer));
        } finally {
          checking = false;
          box.busy = false;
        }
        if (box.validationMessage === undefined) resolve(answer);
      };
      box.onDidAccept(() => void take(box.value));
      box.onDidTriggerButton(() => {
        browsing = true;
        void browseFolder(question).then((path) => {
          browsing = false;
          if (path !== undefined) box.value = withFolder?.(box.value, path) ?? path;
          box.show();
          if (path !== undefined && withFolder === undefined) void take(path);
        });
      });
      box.onDidHide(() => {
        if (!browsing) resolve(undefined);
      });
      box.show();
    });
  } finally {
    box.dispose();
  }
}

async function browseFolder({
  title,
  openLabel,
  file = false,
}: FolderQuestion): Promise<string | undefined> {
  const [folder] =
    (await vscode.window.showOpenDialog({
      canSelectFiles: file,
      canSelectFolders: !file,
      title,
      openLabel,
    })) ?? [];
  return folder?.fsPath;
}

/** Replaces a leading `~` by the home folder, as shells do: no process that is given the path would. */
export function expandHome(text: string, home = homedir()): string {
  return /^~(?:[\\/]|$)/.test(text) ? `${home}${text.slice(1)}` : text;
}

/** A relative path would mean another folder in every process that is given it. */
export function folderProblem(
  text: string,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  return isAbsolute(text, platform) ? undefined : t('The whole path of a folder is needed');
}

export const fileProblem = (text: string): string | undefined =>
  isAbsolute(text, process.platform) ? undefined : t('The whole path of a file is needed');

function isAbsolute(text: string, platform: NodeJS.Platform): boolean {
  const trimmed = expandHome(text.trim());
  return platform === 'win32'
    ? /^(?:[a-z]:[\\/]|\\\\[^\\/])/i.test(trimmed)
    : trimmed.startsWith('/');
}
