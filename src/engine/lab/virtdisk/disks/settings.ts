import path from 'node:path';
import { ByteWriter } from '../../../base/bytes/byte-writer.ts';
import { never } from '../../../base/abort.ts';
import type { Guid } from '../../../base/guid.ts';
import { openImage } from '../../../disk/chain/open-as.ts';
import type { ParentLink } from '../../../disk/image/image.ts';
import type { NewParent } from '../../../disk/image/image-writer.ts';
import { EditSession } from '../../../disk/vhdx/edit/edit-session.ts';
import { setMetadataItem } from '../../../disk/vhdx/edit/metadata-edit.ts';
import { ITEM_DISK_ID, ITEM_PHYSICAL_SECTOR_SIZE } from '../../../disk/vhdx/structures/layout.ts';
import { FileStorage } from '../../../source/files/file-storage.ts';
import { editsIn } from '../../files/open-editor.ts';
import type { Lab } from '../../model/lab.ts';
import { CallFailure, WIN32 } from '../wire/win32-codes.ts';
import type { SetRequest } from '../wire/requests.ts';
import { findHostFile, placeOf, type HostFile } from './host-file.ts';
import { setIdentifier } from './set-identifier.ts';
import type { TrackedImage } from './tracked-image.ts';

/**
 * Changes a setting of an image, by SET_VIRTUAL_DISK_INFO_VERSION. Links to parents (1, 3, 7) need an
 * image that was opened without its parents. The error of Windows for others is UNCONFIRMED.
 */
export async function applySetting(
  lab: Lab,
  file: HostFile,
  format: string,
  tracked: TrackedImage,
  { version, number, guid, path: parentPath }: SetRequest,
  withoutParents: boolean,
): Promise<void> {
  const isLink = version === 1 || version === 3 || version === 7;
  if (isLink && !withoutParents) throw new CallFailure(WIN32.invalidParameter);
  switch (version) {
    case 1:
    case 3:
      return relink(lab, file, parentPath);
    case 2:
      await edit(file, (storage) => setIdentifier(storage, format, guid));
      return tracked.wrote();
    case 4:
      return setItem(file, format, ITEM_PHYSICAL_SECTOR_SIZE, new ByteWriter(4).u32(number).bytes);
    case 5:
      return setItem(file, format, ITEM_DISK_ID, new ByteWriter(16).guid(guid).bytes);
    case 6:
      return number === 0 ? tracked.turnOff() : tracked.turnOn();
    case 7:
      return setLocator(lab, file, guid, parentPath);
    default:
      throw new CallFailure(WIN32.invalidParameter);
  }
}

/** Links a child to a parent, which must be the one that it was made for. */
async function relink(lab: Lab, file: HostFile, parentPath: string): Promise<void> {
  const parent = await findHostFile(lab, parentPath);
  const image = await openImage(parent.local, never);
  await image.close();
  const { link } = await childOf(file);
  const problem = link.mismatch(image);
  if (problem !== undefined) throw problem;
  const { identity, size } = image;
  await writeLink(file, { identity, size, ...pathsTo(file, parent.hostPath) });
}

/**
 * Links a child to the identity that the caller gives. The parent need not exist: the next open finds
 * out whether it fits.
 */
async function setLocator(
  lab: Lab,
  file: HostFile,
  identity: Guid,
  parentPath: string,
): Promise<void> {
  const { hostPath } = placeOf(lab, parentPath);
  const { size } = await childOf(file);
  await writeLink(file, { identity, size, ...pathsTo(file, hostPath) });
}

async function childOf({ local }: HostFile): Promise<{ link: ParentLink; size: number }> {
  const child = await openImage(local, never);
  const { parent: link, size } = child;
  await child.close();
  if (link === undefined) throw new CallFailure(WIN32.invalidType);
  return { link, size };
}

const pathsTo = (
  child: HostFile,
  absolutePath: string,
): Pick<NewParent, 'relativePath' | 'absolutePath'> => ({
  relativePath: path.win32.relative(path.win32.dirname(child.hostPath), absolutePath),
  absolutePath,
});

const writeLink = (child: HostFile, parent: NewParent): Promise<void> =>
  edit(child, async (storage) => (await editsIn(storage, never)).relink(storage, parent, never));

async function edit(
  { local }: HostFile,
  work: (storage: FileStorage) => Promise<void>,
): Promise<void> {
  const storage = await FileStorage.open(local, {}, never);
  try {
    await work(storage);
  } finally {
    await storage.close();
  }
}

/** Sets a metadata item, which VHDX alone has. */
async function setItem(
  file: HostFile,
  format: string,
  item: typeof ITEM_DISK_ID,
  bytes: Uint8Array,
): Promise<void> {
  if (format !== 'vhdx') throw new CallFailure(WIN32.notSupported);
  await edit(file, async (storage) => {
    const session = await EditSession.open(storage, never);
    await session.begin(false);
    await session.room(2);
    await setMetadataItem(session, item, bytes);
    await session.close();
  });
}
