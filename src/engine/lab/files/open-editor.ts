import { editsOf } from '../../disk/rewrite/edits-of.ts';
import { detectFormat } from '../../disk/formats/detect-format.ts';
import type { InPlaceEdits } from '../../disk/image/disk-format.ts';
import type { ImageEditor } from '../../disk/image/image-editor.ts';
import type { ByteStorage } from '../../source/byte-source.ts';

/** Opens a disk's file for changes of its contents, in its own format. */
export async function openEditor(storage: ByteStorage, signal: AbortSignal): Promise<ImageEditor> {
  return (await editsIn(storage, signal)).open(storage, signal);
}

/** Returns the changes in place of a file's format. Throws `disk.edit.format`. */
export async function editsIn(storage: ByteStorage, signal: AbortSignal): Promise<InPlaceEdits> {
  const { name: format } = await detectFormat(storage, signal);
  return editsOf({ name: storage.name, format, identity: undefined });
}
