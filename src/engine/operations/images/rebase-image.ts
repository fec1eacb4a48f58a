import type { RebasedImage } from '../../api/disk-contents.ts';
import { STORE_MARKER } from '../../backup/store/contract/layout.ts';
import type { Progress } from '../../base/progress.ts';
import { rebaseDisk } from '../../disk/rewrite/rebase-disk.ts';

/**
 * Makes an image name another file as its parent, if its disk reads the same over it. Refuses files
 * of a store. Throws `disk.*`, `source.*`, and the errors of the formats.
 */
export async function rebaseImage(
  { path, parent }: { readonly path: string; readonly parent: string },
  progress: Progress,
  signal: AbortSignal,
): Promise<RebasedImage> {
  const options = { open: {}, storeMarker: STORE_MARKER };
  const { proof } = await rebaseDisk(path, parent, options, progress, signal);
  return { proof };
}
