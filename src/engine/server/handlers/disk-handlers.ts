import { checkImage } from '../../operations/disk/check-image.ts';
import type { OperationContext } from '../../operations/context/operation-context.ts';
import { knownTrackingIds } from '../../operations/windows/known-tracking-ids.ts';
import type { Handlers } from '../contract/handlers.ts';

/** Handles the requests about disk images as a whole. */
export function diskHandlers(
  context: Pick<OperationContext, 'home' | 'log'>,
): Handlers<'checkDisk' | 'trackingIds'> {
  return {
    checkDisk: (params, { signal }) => checkImage(params, signal),
    trackingIds: (params, { signal }) => knownTrackingIds(context, params, signal),
  };
}
