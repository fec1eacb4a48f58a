import type { GuestDisk } from '../../../api/guest/inspection.ts';
import { recordError } from '../../../backup/errors/record-errors.ts';
import { listPoints } from '../../../backup/points/catalog.ts';
import { choosePoint } from '../../../backup/restore/restore.ts';
import { usage } from '../../contract/cli-errors.ts';
import type { Context, OptionSpec } from '../../contract/command.ts';
import { openStore, storeLocation } from '../../options/open-store.ts';
import { wholeNumber } from '../../options/option-values.ts';
import { oneVm, STORE, STORED_VM } from '../../options/stored-vms.ts';
import { diskPlace } from '../disk/open-image.ts';

const MAX_VOLUME = 1024;

/** Options that name a volume: of a disk at a point, or of an image. */
export const GUEST_OPTIONS = {
  store: STORE,
  vm: STORED_VM,
  point: { type: 'value', value: 'ID', help: 'A point; default latest.' },
  disk: {
    type: 'value',
    value: 'D',
    help: 'Number in the point, slot, file name, path or ID; default the only disk.',
  },
  image: { type: 'value', value: 'IMAGE', help: 'A disk image, instead of a point.' },
  volume: {
    type: 'value',
    value: 'N',
    help: 'Number of the partition; default the only one whose files can be read.',
  },
} as const satisfies Readonly<Record<string, OptionSpec>>;

/** Returns the disk that the options name. Throws `usage` if several fit. */
export async function guestDisk(context: Context): Promise<GuestDisk> {
  const { options, signal } = context;
  const image = options.text('image');
  if (image !== undefined) {
    if (options.text('store') !== undefined) throw usage('Use either --image or --store');
    return { kind: 'image', path: diskPlace(context, image) };
  }
  const store = await openStore(context, 'existing');
  const vm = await oneVm(context, store);
  const wanted = options.text('point') ?? 'latest';
  const point = choosePoint(await listPoints(store, vm.id, signal), wanted);
  const { disks } = point.manifest;
  const disk = options.text('disk') ?? (disks.length === 1 ? disks[0]?.number : undefined);
  if (disk === undefined) {
    const slots = disks.map(({ number, name }) => `${number} (${name})`).join(', ');
    if (disks.length === 0) {
      throw recordError('point.missing', `The point ${point.id} has no disks`);
    }
    throw usage(`The point has ${disks.length} disks; name one with --disk: ${slots}`);
  }
  return { kind: 'point', store: storeLocation(context), vm: vm.id, point: point.id, disk };
}

export const volumeNumber = (context: Context): number | null =>
  wholeNumber(context, 'volume', 0, MAX_VOLUME) ?? null;
