import type { ByteSource } from '../../source/byte-source.ts';
import { FileSource } from '../../source/files/file-source.ts';
import { detectFormat } from '../formats/detect-format.ts';
import { formatNamed } from '../formats/formats.ts';
import type { DiskFormat } from '../image/disk-format.ts';
import type { DiskImage } from '../image/image.ts';

export interface OpenFileOptions {
  /** Name of the format as which the file is treated, whatever its contents. */
  readonly format?: string | undefined;
  /** Stands between every file of the chain and its reader; closes the file with itself. */
  readonly through?: ((file: ByteSource) => ByteSource) | undefined;
  /** Opens a file that is not one of this machine. */
  readonly open?: ((file: string, signal: AbortSignal) => Promise<ByteSource>) | undefined;
}

/** Opens the file and detects its format, unless it is given. */
export async function openAs(
  file: string,
  { format, through, open }: OpenFileOptions,
  signal: AbortSignal,
): Promise<{ readonly source: ByteSource; readonly format: DiskFormat }> {
  const given = format === undefined ? undefined : formatNamed(format);
  const opened = await (open?.(file, signal) ?? FileSource.open(file, signal));
  const source = through?.(opened) ?? opened;
  try {
    return { source, format: given ?? (await detectFormat(source, signal)) };
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** Opens one image without its parents, in the format of its contents. Throws `disk.*`. */
export async function openImage(
  file: string,
  signal: AbortSignal,
  options: OpenFileOptions = {},
): Promise<DiskImage> {
  const { source, format } = await openAs(file, options, signal);
  return format.open(source, {}, signal);
}
