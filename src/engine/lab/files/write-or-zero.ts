import { zeroRuns } from '../../disk/virtual/zero-scan.ts';
import type { ImageEditor } from '../../disk/image/image-editor.ts';

/** Zeros are detected in units of a guest page. */
export const GUEST_PAGE = 4096;

/** Passes zeros to the layer as such, as a guest's TRIM would. */
export async function writeOrZero(
  editor: ImageEditor,
  offset: number,
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  for (const run of zeroRuns(bytes, GUEST_PAGE)) {
    if (run.zero) await editor.zero(offset + run.start, run.end - run.start, signal);
    else await editor.write(offset + run.start, bytes.subarray(run.start, run.end), signal);
  }
}
