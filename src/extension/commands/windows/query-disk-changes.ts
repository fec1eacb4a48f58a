import path from 'node:path';
import * as vscode from 'vscode';
import { requests } from '../../../engine/api/methods.ts';
import type { KnownTrackingId } from '../../../engine/api/windows/windows-disk.ts';
import { activeImage } from '../../ask/active-image.ts';
import { askForImages, onlyFiles } from '../../ask/ask-image.ts';
import { askText } from '../../ask/ask-text.ts';
import { choose, type Item } from '../../ask/choose.ts';
import { showChangeMap } from '../../panels/change-map/change-map-panel.ts';
import type { CommandHandler } from '../../services/services.ts';
import { readStores } from '../../settings/stores.ts';
import { pointName } from '../../words/point-name.ts';
import { isOnWindows } from './is-on-windows.ts';

const { t } = vscode.l10n;

/** Asks Windows what changed on a disk image since an RCT id, and shows it as a map. */
export const queryDiskChanges: CommandHandler = async (services, _node, _selected, given) => {
  if (!isOnWindows(t('Querying the changes of a disk'))) return;
  const known = given instanceof vscode.Uri ? given : activeImage();
  const [image] = known === undefined ? await askForImages(t('Disk Image')) : onlyFiles([known]);
  if (image === undefined) return;
  const params = { path: image.fsPath, stores: readStores() };
  const { ids, problem } = await services.engine.request(requests.trackingIds, params);
  const name = path.posix.basename(image.path);
  const other: Item<string | null> = {
    label: t('Another RCT ID…'),
    ...(problem === null ? {} : { description: problem }),
    icon: 'edit',
    value: null,
  };
  const chosen = await choose(t('Changes of {0} since', name), [...ids.map(itemOf), other], {
    always: true,
  });
  if (chosen === undefined) return;
  const rctId = chosen ?? (await askId());
  if (rctId === undefined) return;
  const title = t('Changes of {0}', name);
  await showChangeMap(services, { kind: 'imageQuery', path: image.fsPath, rctId, title });
};

function itemOf({ rctId, from, vm, point }: KnownTrackingId): Item<string | null> {
  const label =
    from === 'windows'
      ? t('Newest ID That Windows Names')
      : t('{0}, {1}', vm ?? '', pointName(point ?? ''));
  return {
    label,
    detail: rctId,
    icon: from === 'windows' ? 'device-desktop' : 'history',
    value: rctId,
  };
}

/** Longest ID that Windows takes. */
const MAX_ID = 256;

const askId = (): Promise<string | undefined> =>
  askText({
    title: t('RCT ID'),
    prompt: t('As the reference point has it, unchanged'),
    validate: (text) =>
      text.length > 0 && text.length <= MAX_ID
        ? undefined
        : t('An RCT ID has 1 to {0} characters', MAX_ID),
  });
