import path from 'node:path';
import type { Range } from '../../base/range.ts';
import type { BorrowedFile, ByteSource } from '../../source/byte-source.ts';
import { FileSource } from '../../source/files/file-source.ts';
import type { OpenImageOptions } from '../image/disk-format.ts';
import type { UserItem } from '../image/image-writer.ts';
import type { DiskImage, ImageIdentity, LayerExtent, ParentLink } from '../image/image.ts';
import { describeDefect } from '../inspect/defect.ts';
import { diskError } from '../virtual/disk-errors.ts';
import { VHDX } from '../vhdx/vhdx-format.ts';
import { backingOf } from './backing-file.ts';
import type { VhdSet } from './read-set.ts';
import { vhdsError } from './set-errors.ts';

type Backing = Pick<
  DiskImage,
  'size' | 'logicalSectorSize' | 'physicalSectorSize' | 'diskId' | 'identity'
>;

/**
 * A VHD Set as the top of its chain: it holds nothing of the disk, and its backing file, a VHDX
 * beside it, is its parent.
 */
export class SetImage implements DiskImage {
  readonly format = 'vhds';
  readonly identity = undefined;
  readonly size: number;
  readonly logicalSectorSize: number;
  readonly physicalSectorSize: number | undefined;
  readonly diskId: string | undefined;
  readonly parent: ParentLink;
  readonly #source: ByteSource;
  readonly #items: readonly UserItem[];

  private constructor(
    source: ByteSource,
    file: string,
    backing: Backing,
    items: readonly UserItem[],
  ) {
    this.#source = source;
    this.#items = items;
    this.size = backing.size;
    this.logicalSectorSize = backing.logicalSectorSize;
    this.physicalSectorSize = backing.physicalSectorSize;
    this.diskId = backing.diskId;
    this.parent = linkTo(source.name, file, backing.identity);
  }

  /**
   * Opens the image of a set that was read; its backing file says how large the disk is. Does not
   * close `source` on failure. Throws `vhds.*`, and what opening the backing file throws.
   */
  static async of(
    source: ByteSource,
    set: VhdSet,
    options: OpenImageOptions,
    signal: AbortSignal,
  ): Promise<SetImage> {
    const file = await requireBacking(source, set);
    const backing = await VHDX.open(await FileSource.open(file, signal), options, signal);
    try {
      const items = (await backing.userItems?.(signal)) ?? [];
      return new SetImage(source, file, backing, items);
    } finally {
      await backing.close();
    }
  }

  get name(): string {
    return this.#source.name;
  }

  get fileSize(): number {
    return this.#source.size;
  }

  extentsOf({ start, end }: Range): Promise<readonly LayerExtent[]> {
    const last = Math.min(end, this.size);
    return Promise.resolve(
      start < last ? [{ start, end: last, kind: 'transparent', offset: -1 }] : [],
    );
  }

  async *extentsIn(
    ranges: readonly Range[],
    signal: AbortSignal,
  ): AsyncGenerator<readonly LayerExtent[]> {
    for (const range of ranges) {
      signal.throwIfAborted();
      yield await this.extentsOf(range);
    }
  }

  surveyedIn(
    ranges: readonly Range[],
    signal: AbortSignal,
  ): AsyncGenerator<readonly LayerExtent[]> {
    return this.extentsIn(ranges, signal);
  }

  /** Never called for an image without data. */
  readData(start: number): Promise<void> {
    const message = `${this.name} holds no data of the disk at ${start}`;
    return Promise.reject(diskError('disk.range', message, { data: { offset: start } }));
  }

  userItems(): Promise<readonly UserItem[]> {
    return Promise.resolve(this.#items);
  }

  borrow(): BorrowedFile | undefined {
    return this.#source.borrow?.();
  }

  close(): Promise<void> {
    return this.#source.close();
  }
}

/** Returns the path of the backing file. Throws `vhds.*` if it is missing or not known. */
async function requireBacking(source: ByteSource, set: VhdSet): Promise<string> {
  const { header, backing, defects } = set;
  const code = header === undefined ? 'vhds.header' : 'vhds.name';
  const { name } = source;
  if (header === undefined || backing === undefined) {
    const defect = defects.find((each) => each.code.startsWith(code));
    const reason = defect === undefined ? 'no header is valid' : describeDefect(defect);
    throw vhdsError(code, `${name}: ${reason}`, {
      data: { path: name, offset: defect?.offset ?? 0 },
    });
  }
  const file = await backingOf(source, backing);
  if (file !== undefined) return file;
  throw vhdsError(
    'vhds.backing.missing',
    `${name}: backing file missing: ${backing} is not in the folder of the VHD Set`,
    { data: { path: name, offset: header.nameOffset, found: backing } },
  );
}

/** Returns the link to the backing file, which is the VHDX that was found when the set was opened. */
function linkTo(set: string, file: string, expected: string | undefined): ParentLink {
  return {
    relativePath: `.\\${path.basename(file)}`,
    absolutePath: undefined,
    volumePath: undefined,
    format: VHDX.name,
    exact: true,
    holds: true,
    mismatch: ({ name, format, identity }: ImageIdentity) => {
      if (format === VHDX.name && identity === expected) return undefined;
      return diskError('disk.parent.mismatch', `${name} is not the backing file of ${set}`, {
        data: { child: set, parent: name, found: identity ?? format, expected: expected ?? '' },
      });
    },
  };
}
