import { createFilePart } from '../../source/files/file-part.ts';
import type { FileEnvironment } from '../../source/platform/file-environment.ts';
import { fileKey } from '../chain/find-parent.ts';
import type { ImageWriter, NewDisk, WrittenImage } from '../image/image-writer.ts';
import { diskError } from '../virtual/disk-errors.ts';
import type { WritableFormat } from './new-format.ts';

export interface NewFile {
  readonly path: string;
  readonly format: WritableFormat;
  /** Replaces an existing file on completion. */
  readonly replace: boolean;
  readonly environment?: FileEnvironment | undefined;
}

/**
 * Writes a new image file, which appears under its name only when it is complete; after a failure
 * nothing is left. Throws `source.exists`, `disk.write.argument`.
 * @param fill writes the contents; the image is completed after it returns
 */
export async function writeNewFile(
  { path, format, replace, environment }: NewFile,
  disk: NewDisk,
  fill: (writer: ImageWriter) => Promise<void>,
  signal: AbortSignal,
): Promise<WrittenImage> {
  const options = environment === undefined ? { replace } : { replace, environment };
  const part = await createFilePart(path, options, signal);
  let writer: ImageWriter;
  try {
    writer = format.writes.create(part, disk);
  } catch (error) {
    await part.abandon();
    throw error;
  }
  try {
    await fill(writer);
    return await writer.complete(signal);
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

/** Throws `disk.target.source` if the new file is one of those that it is made from. */
export async function refuseOwnSource(path: string, chain: readonly string[]): Promise<void> {
  const key = await fileKey(path);
  for (const file of chain) {
    if ((await fileKey(file)) !== key) continue;
    throw diskError('disk.target.source', `${path} is an image that the new file is made from`, {
      data: { path },
    });
  }
}
