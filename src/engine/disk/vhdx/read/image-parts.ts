import { isEngineError, type EngineError } from '../../../base/errors.ts';
import { NIL_GUID } from '../../../base/guid.ts';
import type { ByteSource } from '../../../source/byte-source.ts';
import { LoadBudget } from '../../../source/load-budget.ts';
import type { OpenImageOptions } from '../../image/disk-format.ts';
import { BatReader } from './bat-reader.ts';
import type { FileIdentifier } from '../structures/file-identifier.ts';
import type { VhdxHeader } from '../structures/header.ts';
import { ReplayedSource } from '../log/log-replay.ts';
import type { VhdxMetadata } from '../structures/metadata/metadata-items.ts';
import { readHead, readMetadata, readRegionTable } from './read-structures.ts';
import type { RegionTable } from '../structures/regions/region-table.ts';
import { batSizeDefect, placeDefects } from '../structures/regions/region-places.ts';
import { refuse } from '../structures/vhdx-defect.ts';

/** Memory for the cached BAT and sector bitmaps of one image, in bytes. */
const TABLE_CACHE_BYTES = 4 * 2 ** 20;

/** The structures of an image that everything else depends on. */
export interface ImageParts {
  /** The file after its log was replayed. */
  readonly source: ByteSource;
  readonly identifier: FileIdentifier;
  readonly header: VhdxHeader;
  readonly metadata: VhdxMetadata;
  readonly bat: BatReader;
  readonly budget: LoadBudget;
  readonly log: 'clean' | 'dirty';
  readonly fileSize: number;
}

/** The readable structures of a damaged image. */
export interface KnownParts {
  readonly known: Partial<ImageParts> & Pick<ImageParts, 'source' | 'budget' | 'fileSize'>;
  /** Defects of the other structures, in the order found. */
  readonly problems: readonly EngineError[];
  /** The defect that makes all contents untrustworthy, even if the BAT can be read. */
  readonly spoiled: EngineError | undefined;
}

/** Reads all structures, or throws the first defect: `vhdx.*`. */
export async function readParts(
  file: ByteSource,
  options: OpenImageOptions,
  signal: AbortSignal,
): Promise<ImageParts> {
  const { known, problems } = await readKnownParts(file, options, signal, 'first');
  const [problem] = problems;
  if (problem !== undefined) throw problem;
  return known as ImageParts;
}

/**
 * Reads the readable structures.
 * @param until `first` stops at the first problem, `last` continues behind it
 */
export async function readKnownParts(
  file: ByteSource,
  { ignoreLog = false, budget = new LoadBudget(TABLE_CACHE_BYTES) }: OpenImageOptions,
  signal: AbortSignal,
  until: 'first' | 'last',
): Promise<KnownParts> {
  const problems: EngineError[] = [];
  let spoiled: EngineError | undefined;
  const stopped = (): boolean => until === 'first' && problems.length > 0;
  const step = async <T>(
    work: () => T | Promise<T>,
    weight: 'spoils' | 'hides a part',
  ): Promise<T | undefined> => {
    if (stopped()) return undefined;
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (!isEngineError(error)) throw error;
      problems.push(error);
      if (weight === 'spoils') spoiled ??= error;
      return undefined;
    }
  };
  const head = await step(() => readHead(file, signal), 'spoils');
  const header = head?.current.header;
  const dirty = header !== undefined && header.logGuid !== NIL_GUID;
  let source = file;
  if (dirty && !ignoreLog) {
    source = (await step(() => ReplayedSource.open(file, header, signal), 'spoils')) ?? file;
  }
  const regions = await step(() => readRegionTable(source, signal), 'spoils');
  const metadata =
    regions === undefined
      ? undefined
      : await step(
          async () => (await readMetadata(source, regions.metadata, signal)).metadata,
          'spoils',
        );
  if (regions !== undefined && metadata !== undefined) {
    const child = metadata.parent !== undefined;
    await step(() => refuse(batSizeDefect(regions.bat, metadata, child)), 'hides a part');
    await step(() => refuse(placeDefects(undefined, [regions.bat], source.size)), 'hides a part');
  }
  if (regions !== undefined && header !== undefined) {
    const { bat, metadata: properties, others } = regions;
    const all = [bat, properties, ...others];
    // Whether they lie inside the file is judged where they are read.
    await step(() => refuse(placeDefects(header, all, Infinity)), 'spoils');
  }
  const known = {
    source,
    budget,
    fileSize: file.size,
    ...(head === undefined ? {} : { identifier: head.identifier, header: head.current.header }),
    ...(header === undefined ? {} : { log: dirty ? ('dirty' as const) : ('clean' as const) }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(regions === undefined || metadata === undefined
      ? {}
      : { bat: new BatReader(source, regions.bat, metadata, occupied(header, regions), budget) }),
  };
  return { known, problems, spoiled };
}

/** Returns the parts of the file that hold structures. */
function occupied(
  header: VhdxHeader | undefined,
  regions: RegionTable,
): { readonly what: string; readonly offset: number; readonly length: number }[] {
  return [
    ...(header === undefined
      ? []
      : [{ what: 'the log', offset: header.logOffset, length: header.logLength }]),
    { what: 'the metadata region', ...regions.metadata },
    { what: 'the BAT', ...regions.bat },
    ...regions.others.map((region) => ({ what: `region ${region.id}`, ...region })),
  ];
}
