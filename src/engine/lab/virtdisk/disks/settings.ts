import path from 'node:path';
import { ByteWriter } from '../../../base/bytes/byte-writer.ts';
import { never } from '../../../base/abort.ts';
import { openImage } from '../../../disk/chain/open-as.ts';
import { EditSession } from '../../../disk/vhdx/edit/edit-session.ts';
import { setMetadataItem } from '../../../disk/vhdx/edit/metadata-edit.ts';
import { ITEM_DISK_ID, ITEM_PHYSICAL_SECTOR_SIZE } from '../../../disk/vhdx/structures/layout.ts';
import { FileStorage } from '../../../source/files/file-storage.ts';
import { editsIn } from '../../files/open-editor.ts';
import type { Lab } from '../../model/lab.ts';
import { CallFailure, WIN32 } from '../wire/win32-codes.ts';
import type { SetRequest } from '../wire/requests.ts';
import { findHostFile, type HostFile } from './host-file.ts';
import type { TrackedImage } from './tracked-image.ts';

/**
 * Changes a setting of an image, by SET_VIRTUAL_DISK_INFO_VERSION. The identity of a file (2) and a link
 * with an identity of the caller's own (7) are not supported.
 */
export async function applySetting(
  lab: Lab,
  file: HostFile,
  format: string,
  tracked: TrackedImage,
  { version, number, guid, path: parentPath }: SetRequest,
): Promise<void> {
  switch (version) {
    case 1:
    case 3:
      return relink(lab, file, parentPath);
    case 4:
      return setItem(file, format, ITEM_PHYSICAL_SECTOR_SIZE, new ByteWriter(4).u32(number).bytes);
    case 5:
      return setItem(file, format, ITEM_DISK_ID, new ByteWriter(16).guid(guid).bytes);
    case 6:
      return number === 0 ? tracked.turnOff() : tracked.turnOn();
    default:
      throw new CallFailure(WIN32.notSupported);
  }
}

async function relink(lab: Lab, file: HostFile, parentPath: string): Promise<void> {
  const parent = await findHostFile(lab, parentPath);
  const image = await openImage(parent.local, never);
  await image.close();
  const child = await openImage(file.local, never);
  const { parent: link } = child;
  await child.close();
  if (link === undefined) throw new CallFailure(WIN32.invalidType);
  const problem = link.mismatch(image);
  if (problem !== undefined) throw problem;
  const { identity, size } = image;
  const relativePath = path.win32.relative(path.win32.dirname(file.hostPath), parent.hostPath);
  const absolutePath = parent.hostPath;
  const storage = await FileStorage.open(file.local, {}, never);
  try {
    const edits = await editsIn(storage, never);
    await edits.relink(storage, { identity, size, relativePath, absolutePath }, never);
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
  const storage = await FileStorage.open(file.local, {}, never);
  try {
    const session = await EditSession.open(storage, never);
    await session.begin(false);
    await session.room(2);
    await setMetadataItem(session, item, bytes);
    await session.close();
  } finally {
    await storage.close();
  }
}
