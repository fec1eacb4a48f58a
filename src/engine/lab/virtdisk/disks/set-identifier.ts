import { never } from '../../../base/abort.ts';
import type { Guid } from '../../../base/guid.ts';
import { readFooters } from '../../../disk/vhd/read/footers.ts';
import { encodeFooter } from '../../../disk/vhd/structures/footer.ts';
import { EditSession } from '../../../disk/vhdx/edit/edit-session.ts';
import type { ByteStorage } from '../../../source/byte-source.ts';
import { CallFailure, WIN32 } from '../wire/win32-codes.ts';

/**
 * Changes what SET_VIRTUAL_DISK_INFO_IDENTIFIER names: the unique ID in the footers of a VHD, the
 * DataWriteGuid of a VHDX. Children of the image do not fit it afterwards. That a VHDX takes it as its
 * DataWriteGuid is UNCONFIRMED.
 */
export async function setIdentifier(storage: ByteStorage, format: string, id: Guid): Promise<void> {
  if (format === 'vhd') return setUniqueId(storage, id);
  if (format !== 'vhdx') throw new CallFailure(WIN32.notSupported);
  const session = await EditSession.open(storage, never);
  session.nextDataWriteGuid = id;
  await session.begin(true);
  await session.close();
}

async function setUniqueId(storage: ByteStorage, uniqueId: Guid): Promise<void> {
  const { used, tail, copy } = await readFooters(storage, never);
  if (used === undefined) throw new CallFailure(WIN32.footerMissing);
  const bytes = encodeFooter({ ...used.footer, uniqueId });
  // One after the other: a crash leaves a valid footer.
  for (const each of [copy, tail]) {
    if (each === undefined) continue;
    await storage.write(each.offset, bytes.subarray(0, each.bytes.length), never);
    await storage.flush(never);
  }
}
