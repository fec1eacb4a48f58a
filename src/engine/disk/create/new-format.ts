import path from 'node:path';
import { FORMATS, formatNamed } from '../formats/formats.ts';
import type { DiskFormat, WriteAbility } from '../image/disk-format.ts';
import type { Subformat } from '../image/image-writer.ts';
import { diskError } from '../virtual/disk-errors.ts';

export interface WritableFormat extends DiskFormat {
  readonly writes: WriteAbility;
}

/** Names of the formats that can be written, for options. */
export const WRITABLE_NAMES: readonly string[] = FORMATS.filter(isWritable).map(({ name }) => name);

/**
 * Returns the format of a new image: the named one, else that of the ending of its path. Throws
 * `disk.unsupported`.
 */
export function newFormat(file: string, name: string | undefined): WritableFormat {
  const format = name === undefined ? formatOfEnding(file) : formatNamed(name);
  if (isWritable(format)) return format;
  throw diskError('disk.unsupported', `The format ${format.name} cannot be written`, {
    data: { found: format.name, expected: WRITABLE_NAMES },
  });
}

function formatOfEnding(file: string): DiskFormat {
  const ending = path.extname(file).toLowerCase();
  const format = FORMATS.find(({ endings }) => endings.includes(ending));
  if (format !== undefined) return format;
  const known = FORMATS.filter(isWritable).flatMap(({ endings }) => endings);
  throw diskError(
    'disk.unsupported',
    `The ending of ${file} names no format; expected one of ${known.join(', ')}, or a named format`,
    { data: { found: ending, expected: known } },
  );
}

/**
 * Returns the requested subformat, or the format's default. Throws `disk.write.argument` if the
 * format does not have it.
 */
export function newSubformat(
  { title, writes }: WritableFormat,
  wanted: Subformat | undefined,
): Subformat {
  const [first = 'fixed'] = writes.subformats;
  if (wanted === undefined) return first;
  if (writes.subformats.includes(wanted)) return wanted;
  throw diskError(
    'disk.write.argument',
    `${title} cannot be ${wanted}; expected ${writes.subformats.join(' or ')}`,
    { data: { found: wanted, expected: writes.subformats } },
  );
}

function isWritable(format: DiskFormat): format is WritableFormat {
  return format.writes !== undefined;
}
