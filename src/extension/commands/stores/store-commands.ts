import * as vscode from 'vscode';
import { requests } from '../../../engine/api/methods.ts';
import type { StoreInfo } from '../../../engine/api/store.ts';
import { logError, presentError } from '../../errors/present-error.ts';
import { confirm } from '../../ask/messages.ts';
import type { CommandHandler } from '../../services/services.ts';
import { addStore, removeStoreSetting } from '../../settings/stores.ts';
import { nodeOf } from '../../nodes/nodes.ts';
import { askFolder } from '../../ask/ask-folder.ts';
import { pickStore } from '../../stores/pick-store.ts';

const { t } = vscode.l10n;

/** Asks for a folder, or takes the path given; an empty one is made a store. Answers its path. */
export const addStoreCommand: CommandHandler = async (services, _node, _selected, given) => {
  const open = async (path: string): Promise<StoreInfo> =>
    services.engine.request(requests.openStore, { path, create: true });
  // Shows that a folder is not a store in the same box, so that another can be entered.
  let opened: StoreInfo | undefined;
  const check = async (path: string): Promise<string | undefined> => {
    try {
      opened = await open(path);
      return undefined;
    } catch (error) {
      logError(services.output, error);
      return presentError(error).text;
    }
  };
  const path =
    typeof given === 'string'
      ? given
      : await askFolder({
          title: t('Add Store'),
          prompt: t('Folder that keeps the backup points: an empty one, or a store that exists'),
          placeHolder: process.platform === 'win32' ? 'D:\\Backups' : '/srv/backups',
          openLabel: t('Use as Store'),
          check,
        });
  if (path === undefined) return undefined;
  const store = opened ?? (await open(path));
  await addStore(store.path);
  return store.path;
};

export const removeStore: CommandHandler = async (_services, node) => {
  const path = nodeOf(node, 'store')?.path ?? (await pickStore(t('Remove Store')));
  if (path === undefined) return;
  const lines = [t('Every file stays where it is. The store can be added again.')];
  if (!(await confirm(t('Remove {0} from the list?', path), lines, t('Remove')))) return;
  await removeStoreSetting(path);
};
