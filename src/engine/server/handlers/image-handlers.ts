import { rebaseImage } from '../../operations/images/rebase-image.ts';
import { repairImage, undoImageRepair } from '../../operations/images/repair-image.ts';
import { rescueImage } from '../../operations/images/rescue-image.ts';
import type { Handlers } from '../contract/handlers.ts';

type Names = 'rebaseImage' | 'repairImage' | 'undoImageRepair' | 'rescueImage';

/** Handles the requests that change disk images or make new ones. */
export function imageHandlers(): Handlers<Names> {
  return {
    rebaseImage: (params, { progress, signal }) => rebaseImage(params, progress, signal),
    repairImage: (params, { progress, signal }) => repairImage(params, progress, signal),
    undoImageRepair: (params, { signal }) => undoImageRepair(params, signal),
    rescueImage: (params, { progress, signal }) => rescueImage(params, progress, signal),
  };
}
