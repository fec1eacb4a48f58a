import * as vscode from 'vscode';
import { requests } from '../../engine/api/methods.ts';
import { showError } from '../present-error.ts';
import type { CommandHandler } from '../services.ts';
import { addStore, readStores, writeStores } from '../stores.ts';
import { nodeOf } from '../tree/nodes.ts';
import { pickStore } from './pick.ts';

const { t } = vscode.l10n;

/** Asks for a folder, by dialog, or takes the path given; an empty one is made a store. Answers its path. */
export const addStoreCommand: CommandHandler = async (services, _node, _selected, given) => {
  const path = typeof given === 'string' ? given : await askFolder();
  if (path === undefined) return undefined;
  try {
    const store = await services.engine.request(requests.openStore, { path, create: true });
    await addStore(store.path);
    services.trees.stores.refresh();
    return store.path;
  } catch (error) {
    void showError(error);
    return undefined;
  }
};

/** A box rather than the dialog where windows are remote, or shares are wanted: both take a path. */
async function askFolder(): Promise<string | undefined> {
  const browse: vscode.QuickInputButton = {
    iconPath: new vscode.ThemeIcon('folder-opened'),
    tooltip: t('Choose a Folder…'),
  };
  const box = vscode.window.createInputBox();
  box.title = t('Add Store');
  box.prompt = t('Folder that keeps the backup points: an empty one, or a store that exists');
  box.placeholder = process.platform === 'win32' ? 'D:\\Backups' : '/srv/backups';
  box.buttons = [browse];
  box.ignoreFocusOut = true;
  try {
    return await new Promise<string | undefined>((resolve) => {
      box.onDidAccept(() => {
        const problem = pathProblem(box.value);
        box.validationMessage = problem;
        if (problem === undefined) resolve(box.value.trim());
      });
      box.onDidChangeValue((text) => {
        box.validationMessage = text === '' ? undefined : pathProblem(text);
      });
      box.onDidTriggerButton(
        () => void browseFolder().then((path) => path !== undefined && resolve(path)),
      );
      box.onDidHide(() => resolve(undefined));
      box.show();
    });
  } finally {
    box.dispose();
  }
}

async function browseFolder(): Promise<string | undefined> {
  const [folder] =
    (await vscode.window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      title: t('Add Store'),
      openLabel: t('Use as Store'),
    })) ?? [];
  return folder?.fsPath;
}

function pathProblem(text: string): string | undefined {
  const trimmed = text.trim();
  const absolute =
    process.platform === 'win32' ? /^([a-z]:[\\/]|\\\\)/i.test(trimmed) : trimmed.startsWith('/');
  return absolute ? undefined : t('The whole path of a folder is needed');
}

export const removeStore: CommandHandler = async (services, node) => {
  const path = nodeOf(node, 'store')?.path ?? (await pickStore(t('Remove Store')));
  if (path === undefined) return;
  const remove = t('Remove');
  const chosen = await vscode.window.showWarningMessage(
    t('Remove {0} from the list?', path),
    { modal: true, detail: t('Every file stays where it is. The store can be added again.') },
    remove,
  );
  if (chosen !== remove) return;
  await writeStores(readStores().filter((each) => each !== path));
  services.trees.stores.refresh();
};
