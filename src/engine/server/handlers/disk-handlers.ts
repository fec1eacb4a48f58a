import { checkImage } from '../../operations/disk/check-image.ts';
import type { Handlers } from '../contract/handlers.ts';

/** Handles the requests about disk images as a whole. */
export function diskHandlers(): Handlers<'checkDisk'> {
  return { checkDisk: (params, { signal }) => checkImage(params, signal) };
}
