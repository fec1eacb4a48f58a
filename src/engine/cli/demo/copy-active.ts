import type { Progress } from '../../base/progress.ts';
import { openDisk } from '../../disk/open-disk.ts';
import { readInOrder } from '../../disk/read-ahead.ts';
import { isZero } from '../../disk/zero-scan.ts';
import { HostPaths } from '../../lab/model/host-paths.ts';
import { createFilePart } from '../../source/file-part.ts';

/** Copies what a lab disk reads as now into a raw file, so that the proof rests on the lab's own file. */
export async function copyActiveDisk(
  labFolder: string,
  hostPath: string,
  target: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const local = new HostPaths(labFolder).toLocal(hostPath);
  if (local === undefined) throw new Error(`${hostPath} is no path of the lab`);
  const opened = await openDisk(local, {}, signal);
  const part = await createFilePart(target, {}, signal);
  try {
    progress.phase('Recording the disk', opened.disk.size);
    for await (const piece of readInOrder(opened.disk, signal)) {
      if (piece.bytes !== undefined && !isZero(piece.bytes)) {
        await part.write(piece.start, piece.bytes, signal);
      }
      progress.advance(piece.length);
    }
    await part.complete(opened.disk.size, signal);
  } catch (error) {
    await part.abandon();
    throw error;
  } finally {
    await opened.disk.close();
  }
}
