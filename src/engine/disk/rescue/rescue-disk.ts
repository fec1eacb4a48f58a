import type { Progress } from '../../base/progress.ts';
import type { FileEnvironment } from '../../source/platform/file-environment.ts';
import { chainPieces, type ChainPiece } from '../chain/chain-pieces.ts';
import type { OpenDiskOptions } from '../chain/open-disk.ts';
import { copyParts, type SourcePart } from '../convert/copy-parts.ts';
import { SourceState } from '../convert/source-state.ts';
import { refuseOwnSource, writeNewFile } from '../create/new-file.ts';
import { newFormat, newSubformat, type WritableFormat } from '../create/new-format.ts';
import { newSectors } from '../create/sector-size.ts';
import type { NewDisk } from '../image/image-writer.ts';
import type { DiskImage } from '../image/image.ts';
import { surveyDisk, type SurveyedDisk } from '../survey/survey-disk.ts';
import { diskError } from '../virtual/disk-errors.ts';
import { LostRanges, type LostRange } from './lost-ranges.ts';
import { readOrLose } from './read-or-lose.ts';
import { resiliently } from './resilient-layer.ts';

export interface RescueOptions {
  readonly open: OpenDiskOptions;
  /** Name of the new format; undefined: that of the target's ending. */
  readonly format?: string | undefined;
  readonly replace: boolean;
  readonly environment?: FileEnvironment;
}

/** The document of `disk rescue`. Offsets and sizes in bytes of the disk. */
export interface Rescued {
  readonly source: string;
  /** The new image. */
  readonly file: string;
  readonly format: string;
  readonly virtualSize: number;
  /** The parts that read as zeros because they could not be read; at most a million. */
  readonly lost: readonly LostRange[];
  /** Total of all of them. */
  readonly lostBytes: number;
}

/**
 * Copies what can still be read of a damaged image and its parents into a new image without parent.
 * Everything else becomes zeros and is listed. The target appears only when it is complete. Throws
 * `disk.rescue.size` if nothing tells the size of the disk, `disk.source.changed`,
 * `disk.target.source`, `source.exists`, `disk.write.argument`.
 */
export async function rescueDisk(
  file: string,
  target: string,
  { open, format: name, replace, environment }: RescueOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<Rescued> {
  const surveyed = await surveyDisk(file, { ...open, damaged: true }, signal);
  try {
    const { chain, layers, top } = surveyed;
    await refuseOwnSource(target, [file, ...chain]);
    const format = newFormat(target, name);
    const disk = await newDisk(surveyed, file, format, signal);
    // Damaged structures say nothing about changes; the files do.
    const state = await SourceState.of({ chain, layers: [] });
    const unit = top.image?.logicalSectorSize ?? disk.logicalSectorSize ?? 512;
    const lost = new LostRanges();
    const read = (part: RescuedPart, start: number, into: Uint8Array): Promise<void> =>
      readOrLose(readerOf(layers, part, signal), start, into, unit, lost, signal);
    await writeNewFile(
      { path: target, format, replace, environment },
      disk,
      async (writer) => {
        progress.phase('copy', disk.size);
        const how = { read, unit: disk.logicalSectorSize ?? unit, hides: false };
        await copyParts(parts(surveyed, disk.size, lost, signal), writer, how, progress, signal);
        await state.check(signal);
      },
      signal,
    );
    const { list, bytes } = lost;
    return {
      source: file,
      file: target,
      format: format.name,
      virtualSize: disk.size,
      lost: list,
      lostBytes: bytes,
    };
  } finally {
    await surveyed.close();
  }
}

type RescuedPart = SourcePart & { readonly piece: ChainPiece };

async function* parts(
  { layers, ends }: SurveyedDisk,
  size: number,
  lost: LostRanges,
  signal: AbortSignal,
): AsyncGenerator<RescuedPart> {
  const whole = { start: 0, end: size };
  for await (const piece of chainPieces(layers, whole, { read: resiliently, ends }, signal)) {
    const { start, end, kind } = piece;
    if (kind === 'lost') lost.add(start, end - start, piece.error.code);
    yield { start, end, kind: kind === 'lost' ? 'hole' : kind, piece };
  }
}

function readerOf(
  layers: readonly DiskImage[],
  { piece }: RescuedPart,
  signal: AbortSignal,
): (start: number, into: Uint8Array) => Promise<void> {
  return async (start, into) => {
    if (piece.kind !== 'data') return;
    const offset = piece.offset < 0 ? -1 : piece.offset + start - piece.start;
    await (layers[piece.depth] as DiskImage).readData(start, offset, into, signal);
  };
}

async function newDisk(
  { top, format: sourceFormat }: SurveyedDisk,
  file: string,
  format: WritableFormat,
  signal: AbortSignal,
): Promise<NewDisk> {
  const { size, image, problems } = top;
  if (size === undefined) {
    const [problem] = problems;
    throw diskError(
      'disk.rescue.size',
      `Nothing in ${file} tells the size of its disk${problem === undefined ? '' : `: ${problem.message}`}`,
      { data: { path: file, ...(problem === undefined ? {} : { found: problem.code }) } },
    );
  }
  const { facts } = image === undefined ? await top.describe(signal) : { facts: undefined };
  const sectors = image ?? { size, logicalSectorSize: facts?.logicalSectorSize ?? 512 };
  const diskId = image?.diskId ?? facts?.diskId ?? undefined;
  return {
    size,
    subformat: newSubformat(format, undefined),
    ...newSectors(format, sectors, undefined),
    ...(format.name === sourceFormat && diskId !== undefined ? { diskId } : {}),
  };
}
