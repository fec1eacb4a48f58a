import { ChainDisk } from '../../disk/chain/chain.ts';
import { openDisk, type OpenDiskOptions, type OpenedDisk } from '../../disk/chain/open-disk.ts';
import { surveyDisk, type SurveyedDisk } from '../../disk/survey/survey-disk.ts';
import { diskError } from '../../disk/virtual/disk-errors.ts';
import { isNbdAddress, parseNbdAddress } from '../../net/nbd/address/nbd-address.ts';
import { NbdClient } from '../../net/nbd/client/nbd-client.ts';
import { NbdImage } from './nbd-image.ts';

/**
 * Opens a disk to read: the image at a path, with its parents, or an NBD export of this computer.
 * Throws what `openDisk` throws, and `nbd.*`.
 */
export async function openDiskAt(
  place: string,
  options: OpenDiskOptions,
  signal: AbortSignal,
): Promise<OpenedDisk> {
  if (!isNbdAddress(place)) return openDisk(place, options, signal);
  const image = await openExport(place, options, signal);
  const { format, fileSize } = image;
  // No file of the chain is on this machine, as far as anybody can tell.
  return { disk: new ChainDisk([image]), format, chain: [], layers: [image], fileSize };
}

/** Opens the readable parts of the disk at a path or an address, for inspection. */
export async function surveyDiskAt(
  place: string,
  options: OpenDiskOptions,
  signal: AbortSignal,
): Promise<SurveyedDisk> {
  if (!isNbdAddress(place)) return surveyDisk(place, options, signal);
  const image = await openExport(place, options, signal);
  const { format, name } = image;
  const close = (): Promise<void> => image.close();
  const top = image.surveyed(null);
  return { format, top, layers: [image], chain: [name], ends: undefined, close };
}

async function openExport(
  place: string,
  { format }: OpenDiskOptions,
  signal: AbortSignal,
): Promise<NbdImage> {
  if (format !== undefined && format !== 'raw') {
    throw diskError(
      'disk.unsupported',
      `${place} is an NBD export, whose bytes are the disk: it cannot be read as ${format}`,
      { data: { found: place, format } },
    );
  }
  return new NbdImage(await NbdClient.open(parseNbdAddress(place), signal));
}
