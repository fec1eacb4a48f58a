import type { ByteStorage } from '../../../source/byte-source.ts';
import { EditSession } from './edit-session.ts';
import { ITEM_PARENT_LOCATOR } from '../structures/layout.ts';
import { setMetadataItem } from './metadata-edit.ts';
import { encodeParentLocator, type ParentLocator } from '../structures/locator/parent-locator.ts';
import { vhdxError } from '../structures/vhdx-errors.ts';

/**
 * Replaces the parent locator of a differencing image through its log, after its parent was merged
 * into the image below, or was moved. The child's data and its DataWriteGuid do not change.
 */
export async function relinkVhdx(
  storage: ByteStorage,
  locator: ParentLocator,
  signal: AbortSignal,
): Promise<void> {
  const session = await EditSession.open(storage, signal);
  await setParentLocator(session, locator);
  await session.close();
}

/** Does the same in an open session; durable on return. */
export async function setParentLocator(
  session: EditSession,
  locator: ParentLocator,
): Promise<void> {
  if (session.metadata.parent === undefined) {
    throw vhdxError('vhdx.merge.kind', `${session.storage.name} is not a differencing image`, {
      data: { name: session.storage.name },
    });
  }
  const bytes = encodeParentLocator(locator);
  await session.commit();
  await session.begin(false);
  await setMetadataItem(session, ITEM_PARENT_LOCATOR, bytes);
  session.metadata = { ...session.metadata, parent: locator };
  await session.commit();
}
