import * as vscode from 'vscode';
import type { ImageFix } from '../../../engine/api/disk-contents.ts';
import { activeImage } from '../../ask/active-image.ts';
import { askForImages, onlyFiles } from '../../ask/ask-image.ts';
import { choose } from '../../ask/choose.ts';
import { openCatalogue } from '../../pages/host-guide.ts';
import { commandOf } from '../../panels/anatomy/fixes/quick-fixes.ts';
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

/**
 * Offers the fixes of an image, and the entry of a finding in the catalogue. The link of a problem gives the address of the image, the code of the
 * finding and the fixes that help, as plain values; from the palette all fixes are offered.
 */
export const fixImage: CommandHandler = async (services, _node, _selected, image, code, fixes) => {
  const known = typeof image === 'string' ? vscode.Uri.parse(image) : activeImage();
  const [file] = known === undefined ? await askForImages(t('Disk Image')) : onlyFiles([known]);
  if (file === undefined) return;
  const offered = Object.keys(IMAGE_FIXES).filter(
    (fix): fix is ImageFix => !Array.isArray(fixes) || fixes.includes(fix),
  );
  const name = file.path.slice(file.path.lastIndexOf('/') + 1);
  const finding = typeof code === 'string' ? code : '';
  const chosen = await choose<ImageFix | 'explain'>(
    t('Fix {0}', name),
    [
      ...offered.map((value) => ({ label: commandOf(value).title, icon: 'wrench', value })),
      {
        label: t('Explain This Finding'),
        description: finding,
        icon: 'question',
        value: 'explain',
      },
    ],
    { always: true },
  );
  if (chosen === 'explain') await openCatalogue(services.context.extensionUri, finding);
  else if (chosen !== undefined) await IMAGE_FIXES[chosen](services, file);
};

export const repairImage = fixCommand('repair');
export const rescueImage = fixCommand('rescue');
export const rebaseImage = fixCommand('rebase');
