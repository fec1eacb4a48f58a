import type { RescuedImage, RescueRequest } from '../../api/disk-check.ts';
import { STORE_MARKER } from '../../backup/store/contract/layout.ts';
import type { Progress } from '../../base/progress.ts';
import { rescueDisk } from '../../disk/rescue/rescue-disk.ts';
import { refuseInStore } from '../../disk/rewrite/guards.ts';

/** Maximum number of lost ranges in the answer; the bytes of all are counted. */
const MAX_LOST = 1000;

/**
 * Copies what can be read of an image and its parents into a new image, whose ending names the
 * format. Refuses a target inside a store. Throws `disk.*`, `source.*`.
 */
export async function rescueImage(
  { path, to, replace }: RescueRequest,
  progress: Progress,
  signal: AbortSignal,
): Promise<RescuedImage> {
  await refuseInStore([to], STORE_MARKER);
  const rescued = await rescueDisk(path, to, { open: {}, replace }, progress, signal);
  const { file, format, virtualSize, lost, lostBytes } = rescued;
  return { file, format, virtualSize, lost: lost.slice(0, MAX_LOST), lostBytes };
}
