import { rebaseImage } from '../../operations/images/rebase-image.ts';
import type { Handlers } from '../contract/handlers.ts';

/** Handles the requests that change disk images. */
export function imageHandlers(): Handlers<'rebaseImage'> {
  return {
    rebaseImage: (params, { progress, signal }) => rebaseImage(params, progress, signal),
  };
}
