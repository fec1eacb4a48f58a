import * as vscode from 'vscode';
import type { ImageFix } from '../../../engine/api/disk-contents.ts';
import { activeImage } from '../../ask/active-image.ts';
import { askForImages, onlyFiles } from '../../ask/ask-image.ts';
import { IMAGE_FIXES } from '../../panels/anatomy/fixes/fix-image.ts';
import type { CommandHandler } from '../../services/services.ts';

const { t } = vscode.l10n;

/** A fix of the given image, of the one in the active editor, or of one that is asked for. */
const fixCommand =
  (fix: ImageFix): CommandHandler =>
  async (services, _node, _selected, given) => {
    const known = given instanceof vscode.Uri ? given : activeImage();
    const [image] = known === undefined ? await askForImages(t('Disk Image')) : onlyFiles([known]);
    if (image !== undefined) await IMAGE_FIXES[fix](services, image);
  };

export const repairImage = fixCommand('repair');
export const rescueImage = fixCommand('rescue');
export const rebaseImage = fixCommand('rebase');
