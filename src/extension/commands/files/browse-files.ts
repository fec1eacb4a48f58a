import * as vscode from 'vscode';
import type { GuestList } from '../../../engine/api/guest/guest-files.ts';
import type { GuestDisk, PartitionInfo } from '../../../engine/api/guest/inspection.ts';
import { requests } from '../../../engine/api/methods.ts';
import { pickPointDisk } from '../../ask/pick-disk.ts';
import { choose } from '../../ask/choose.ts';
import { sayInfo } from '../../ask/messages.ts';
import { nodeOf } from '../../nodes/nodes.ts';
import type { CommandHandler, Services } from '../../services/services.ts';
import { pickPoint } from '../../stores/pick-store.ts';
import { formatBytes } from '../../words/format.ts';
import { pointName } from '../../words/point-name.ts';
import { volumeText } from '../../words/volume-text.ts';
import { copyFilesTo } from './copy-files.ts';
import { fileItems, type FileChoice } from './file-items.ts';

const { t } = vscode.l10n;

/** Entries of a folder in one pick. */
const PAGE = 1000;

/** Shows the files of a disk at a point in picks, folder by folder, and copies what is chosen. */
export const browseFiles: CommandHandler = async (services, node) => {
  const chosen = await pickPoint(services, node, t('Files of which point'));
  if (chosen === undefined) return;
  const { store, vm, point } = chosen;
  const number = nodeOf(node, 'pointDisk')?.disk.number ?? (await pickPointDisk(point));
  if (number === undefined) return;
  const disk = { kind: 'point', store, vm: vm.id, point: point.id, disk: number } as const;
  const volume = await pickVolume(services, disk);
  if (volume === undefined) return;
  await browse(services, disk, volume, `${vm.name || vm.id}, ${pointName(point)}`);
};

/** The volume to look into: the only readable one, or one of several. */
async function pickVolume(services: Services, disk: GuestDisk): Promise<number | undefined> {
  const { partitions } = await services.engine.request(requests.inspectGuest, { disk });
  const readable = partitions.filter(({ volume }) => volume?.browsable === true);
  if (readable.length === 0) {
    const held = partitions.map(partitionText).join(', ') || t('nothing known');
    void sayInfo(t('Refpoint reads files of NTFS, FAT and ext; this disk holds: {0}', held));
    return undefined;
  }
  return choose(
    t('Volume'),
    readable.map((each) => ({
      label: partitionText(each),
      description: formatBytes(each.length),
      icon: 'database',
      value: each.number,
    })),
  );
}

const partitionText = ({ number, type, volume }: PartitionInfo): string => {
  const text = volume === null ? type : volumeText(volume);
  return number === 0 ? text : t('Partition {0}: {1}', number, text);
};

/** Shows one pick per folder, until something is copied or a pick is dismissed. */
async function browse(
  services: Services,
  disk: GuestDisk,
  volume: number,
  title: string,
): Promise<void> {
  let path = '/';
  let from = 0;
  for (;;) {
    const request = { disk, volume, path, from, count: PAGE };
    const list: GuestList = await services.engine.request(requests.listGuestFiles, request);
    const items = fileItems(list, from);
    const options = { always: true, placeHolder: list.path };
    const chosen: FileChoice | undefined = await choose(title, items, options);
    if (chosen === undefined) return;
    if (chosen.kind === 'page') from = chosen.from;
    else if (chosen.kind === 'folder') {
      path = chosen.path;
      from = 0;
    } else if (await copyFilesTo(services, { disk, volume, paths: [chosen.path] })) return;
  }
}
