import type * as vscode from 'vscode';
import type { ImageFix } from '../../../../engine/api/disk-contents.ts';
import type { Engine } from '../../../engine/engine.ts';
import { rebaseImage } from './rebase-image.ts';
import { repairImage } from './repair-image.ts';
import { rescueImage } from './rescue-image.ts';

type Fix = (services: { readonly engine: Engine }, image: vscode.Uri) => Promise<boolean>;

/** Each asks for what it needs, and returns whether something was written. */
export const IMAGE_FIXES: Readonly<Record<ImageFix, Fix>> = {
  rebase: rebaseImage,
  repair: repairImage,
  rescue: rescueImage,
};
