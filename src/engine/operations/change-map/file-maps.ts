import path from 'node:path';
import type { MapReference } from '../../api/change-map.ts';
import type { Progress } from '../../base/progress.ts';
import { CsvReader } from '../../changemap/csv-reader.ts';
import { openDisk } from '../../disk/chain/open-disk.ts';
import { FileSource } from '../../source/files/file-source.ts';
import { noFrames, type MapContents } from './map-contents.ts';
import { findPartitions, scanDisk } from './scan-disk.ts';

type Of<Kind extends MapReference['kind']> = Extract<MapReference, { readonly kind: Kind }>;

/** Bytes of a CSV file that are read at once. */
const PIECE = 2 ** 20;

/**
 * Opens a disk image and shows the allocated ranges of its chain. Follows only parents with
 * relative paths inside its reach.
 */
export async function openImage(
  reference: Of<'image'>,
  progress: Progress,
  signal: AbortSignal,
): Promise<MapContents> {
  const { disk } = await openDisk(reference.path, {}, signal);
  try {
    return {
      title: path.basename(reference.path),
      segments: await scanDisk(disk, [], progress, signal),
      points: [],
      changeWord: 'allocated',
      ...noFrames,
      ...(await findPartitions(disk, signal)),
      kept: null,
    };
  } finally {
    await disk.close();
  }
}

/** Reads the ranges of a CSV file as a stream. */
export async function openCsv(
  reference: Of<'csv'>,
  progress: Progress,
  signal: AbortSignal,
): Promise<MapContents> {
  const source = await FileSource.open(reference.path, signal);
  try {
    const reader = new CsvReader(reference.path, reference.virtualSize ?? undefined);
    progress.phase('read', source.size);
    for (let offset = 0; offset < source.size; offset += PIECE) {
      const bytes = new Uint8Array(Math.min(PIECE, source.size - offset));
      await source.read(offset, bytes, signal);
      reader.push(bytes);
      progress.advance(bytes.length);
    }
    const { segments, untidy } = reader.end();
    const message = 'Ranges of the file overlap or are out of order; they were sorted and merged';
    return {
      title: path.basename(reference.path),
      segments,
      points: [],
      changeWord: 'changed',
      partitions: null,
      ...noFrames,
      kept: null,
      warnings: untidy ? [{ code: 'map.csv.untidy', message }] : [],
    };
  } finally {
    await source.close();
  }
}
