import { STORE_MARKER } from '../../../backup/store/contract/layout.ts';
import { FORMAT_NAMES } from '../../../disk/formats/formats.ts';
import type { OpenDiskOptions, OpenedDisk } from '../../../disk/chain/open-disk.ts';
import { isNbdAddress } from '../../../net/nbd/address/nbd-address.ts';
import { openDiskAt } from '../../../operations/disk/open-disk-at.ts';
import type { Context, OptionSpec } from '../../contract/command.ts';
import { choice, localPath } from '../../options/option-values.ts';

const FORMATS_IN_WORDS = FORMAT_NAMES.join(', ').replace(/, (\w+)$/, ' or $1');
export const IMAGE = {
  name: 'IMAGE',
  help: `a disk image (${FORMATS_IN_WORDS}) or an NBD address`,
};
export const OPEN_OPTIONS = {
  format: {
    type: 'value',
    value: 'FORMAT',
    help: `Read the file as ${FORMATS_IN_WORDS}, without detection.`,
  },
  search: { type: 'values', value: 'DIR', help: 'A folder to search first for parents.' },
  'ignore-log': {
    type: 'flag',
    help: 'Ignore the logs of images: for rescue if a log is damaged.',
  },
} as const satisfies Readonly<Record<string, OptionSpec>>;

/** Opens the image that the arguments name, runs `work`, and closes the image. */
export async function withDisk<T>(
  context: Context,
  index: number,
  work: (opened: OpenedDisk) => Promise<T>,
  options: OpenDiskOptions = openOptions(context),
): Promise<T> {
  const place = diskPlace(context, context.args[index] ?? '');
  const opened = await openDiskAt(place, options, context.signal);
  try {
    for (const layer of opened.layers) {
      if (layer.log === 'dirty' && context.options.flag('ignore-log'))
        warnOfLog(context, layer.name);
    }
    return await work(opened);
  } finally {
    await opened.disk.close();
  }
}

/** Keeps the address of an NBD export, and resolves a path against the current folder. */
export const diskPlace = (context: Context, text: string): string =>
  isNbdAddress(text) ? text : localPath(context, text);

/** Options of a command that changes an image in place, which no file of a store allows. */
export const rewriteOptions = (
  context: Context,
): { readonly open: OpenDiskOptions; readonly storeMarker: string } => ({
  open: openOptions(context, null),
  storeMarker: STORE_MARKER,
});

/** @param name option that names the format of the image; null: it is detected */
export function openOptions(
  context: Context,
  name: 'format' | 'source-format' | null = 'format',
): OpenDiskOptions {
  const format = name === null ? 'auto' : choice(context, name, [...FORMAT_NAMES, 'auto'], 'auto');
  return {
    search: searchFolders(context),
    ignoreLog: context.options.flag('ignore-log'),
    ...(format === 'auto' ? {} : { format }),
  };
}

export const searchFolders = (context: Context): readonly string[] =>
  context.options.texts('search').map((text) => localPath(context, text));

function warnOfLog(context: Context, image: string): void {
  const message = `The log of ${image} is ignored: Windows may read newer data.`;
  context.log({ level: 'warn', area: 'disk', message });
}
