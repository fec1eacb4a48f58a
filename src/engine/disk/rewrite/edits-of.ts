import { formatNamed } from '../formats/formats.ts';
import type { InPlaceEdits } from '../image/disk-format.ts';
import type { ImageIdentity } from '../image/image.ts';
import { diskError } from '../virtual/disk-errors.ts';

/** Returns the edits of an image's format. Throws `disk.edit.format` if they are missing. */
export function editsOf({ name, format }: ImageIdentity): InPlaceEdits {
  const { edits, title } = formatNamed(format);
  if (edits !== undefined) return edits;
  throw diskError('disk.edit.format', `${name} is ${title}, which is not changed in place`, {
    data: { path: name, format },
  });
}
