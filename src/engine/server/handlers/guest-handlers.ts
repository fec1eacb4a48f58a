import { copyGuestFiles, listGuestFiles } from '../../operations/guest/guest-files.ts';
import { inspectGuest } from '../../operations/guest/inspect-guest.ts';
import type { Handlers } from '../contract/handlers.ts';

/** Handles the requests about the contents of a guest's disk. */
export function guestHandlers(): Handlers<'inspectGuest' | 'listGuestFiles' | 'copyGuestFiles'> {
  return {
    inspectGuest: ({ disk }, { signal }) => inspectGuest(disk, signal),
    listGuestFiles: (params, { signal }) => listGuestFiles(params, signal),
    copyGuestFiles: (params, { progress, signal }) => copyGuestFiles(params, progress, signal),
  };
}
