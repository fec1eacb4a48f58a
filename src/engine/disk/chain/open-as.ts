import { FileSource } from '../../source/files/file-source.ts';
import { detectFormat } from '../formats/detect-format.ts';
import { formatNamed } from '../formats/formats.ts';
import type { DiskFormat } from '../image/disk-format.ts';
import type { DiskImage } from '../image/image.ts';

export interface OpenFileOptions {
  /** Name of the format as which the file is treated, whatever its contents. */
  readonly format?: string | undefined;
}

/** Opens the file and detects its format, unless it is given. */
export async function openAs(
  file: string,
  { format }: OpenFileOptions,
  signal: AbortSignal,
): Promise<{ readonly source: FileSource; readonly format: DiskFormat }> {
  const given = format === undefined ? undefined : formatNamed(format);
  const source = await FileSource.open(file, signal);
  try {
    return { source, format: given ?? (await detectFormat(source, signal)) };
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** Opens one image without its parents, in the format of its contents. Throws `disk.*`. */
export async function openImage(file: string, signal: AbortSignal): Promise<DiskImage> {
  const { source, format } = await openAs(file, {}, signal);
  return format.open(source, {}, signal);
}
