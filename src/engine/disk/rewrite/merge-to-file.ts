import type { Progress } from '../../base/progress.ts';
import type { FileEnvironment } from '../../source/platform/file-environment.ts';
import { chainPieces, strictly, type ChainPiece } from '../chain/chain-pieces.ts';
import type { OpenedDisk } from '../chain/open-disk.ts';
import { convertDisk } from '../convert/convert-disk.ts';
import { copyParts, type SourcePart } from '../convert/copy-parts.ts';
import { SourceState } from '../convert/source-state.ts';
import { newFormat } from '../create/new-format.ts';
import { refuseOwnSource, writeNewFile } from '../create/new-file.ts';
import { newParent } from '../create/new-parent.ts';
import type { DiskImage } from '../image/image.ts';
import { diskError } from '../virtual/disk-errors.ts';

export interface MergeOptions {
  readonly format?: string | undefined;
  readonly blockSize?: number | undefined;
  readonly replace: boolean;
  readonly environment?: FileEnvironment;
}

/** The document of `disk merge`. Sizes in bytes. */
export interface Merged {
  readonly child: string;
  readonly parent: string;
  /** The new file, or the parent that was changed in place. */
  readonly target: string;
  readonly inPlace: boolean;
  readonly virtualSize: number;
  readonly copiedBytes: number;
}

/**
 * Merges a child and its parent into a new file, which has the parent's own parent, if there is
 * one. Neither of the two changes. Throws as `convertDisk`, and `disk.edit.format` for an image
 * without parent.
 */
export async function mergeToFile(
  opened: OpenedDisk,
  target: string,
  options: MergeOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<Merged> {
  const { disk, chain, layers } = opened;
  const [child, parent, below] = layers;
  if (parent === undefined) throw noParent(child);
  const documentOf = (copiedBytes: number): Merged => ({
    child: chain[0] ?? child.name,
    parent: chain[1] ?? parent.name,
    target,
    inPlace: false,
    virtualSize: disk.size,
    copiedBytes,
  });
  if (below === undefined) {
    const { dataBytes } = await convertDisk(opened, target, options, progress, signal);
    return documentOf(dataBytes);
  }
  await refuseOwnSource(target, chain);
  const { blockSize, replace, environment } = options;
  const format = newFormat(target, options.format);
  if (format.name !== below.format) {
    throw diskError(
      'disk.write.argument',
      `The parent ${below.name} has the format ${below.format}; ${format.title} needs a parent of its own format`,
      { data: { found: below.format, expected: format.name } },
    );
  }
  const state = await SourceState.of(opened);
  const { diskId, physicalSectorSize, logicalSectorSize: unit } = child;
  const userItems = await child.userItems?.(signal);
  let copiedBytes = 0;
  await writeNewFile(
    { path: target, format, replace, environment },
    {
      size: disk.size,
      subformat: 'differencing',
      logicalSectorSize: unit,
      ...(physicalSectorSize === undefined
        ? {}
        : { physicalSectorSize: Math.max(physicalSectorSize, unit) }),
      ...(blockSize === undefined ? {} : { blockSize }),
      ...(diskId === undefined ? {} : { diskId }),
      ...(userItems === undefined ? {} : { userItems }),
      parent: newParent(below, chain[2] ?? below.name, target),
    },
    async (writer) => {
      const how = { read: reader([child, parent], signal), unit, hides: true };
      progress.phase('merge', disk.size);
      const parts = mergedParts(child, parent, signal);
      copiedBytes = (await copyParts(parts, writer, how, progress, signal)).data;
      await state.check(signal);
    },
    signal,
  );
  return documentOf(copiedBytes);
}

type MergedPart = SourcePart & { readonly piece: ChainPiece };

/**
 * Yields the parts of both images together. Behind the end of a shorter parent the disk reads as
 * zeros, whatever the images below it hold.
 */
async function* mergedParts(
  child: DiskImage,
  parent: DiskImage,
  signal: AbortSignal,
): AsyncGenerator<MergedPart> {
  const whole = { start: 0, end: child.size };
  for await (const piece of chainPieces([child, parent], whole, { read: strictly }, signal)) {
    if (piece.kind === 'lost') throw piece.error;
    const { start, end } = piece;
    const behind = piece.kind === 'hole' && start >= parent.size;
    yield { start, end, kind: behind ? 'zero' : piece.kind, piece };
  }
}

function reader(
  layers: readonly DiskImage[],
  signal: AbortSignal,
): (part: MergedPart, start: number, into: Uint8Array) => Promise<void> {
  return async ({ piece }, start, into) => {
    if (piece.kind !== 'data') return;
    const layer = layers[piece.depth] as DiskImage;
    const offset = piece.offset < 0 ? -1 : piece.offset + start - piece.start;
    await layer.readData(start, offset, into, signal);
  };
}

/** Creates the error for an image that cannot be merged because it has no parent. */
export const noParent = ({ name }: DiskImage): Error =>
  diskError('disk.edit.format', `${name} is not a differencing image: it has no parent`, {
    data: { path: name },
  });
