import type { RepairStep } from '../../../api/disk-check.ts';
import type { RepairStorage } from '../../image/image-repairs.ts';
import { EditSession } from '../edit/edit-session.ts';
import { setParentLocator } from '../edit/parent-link.ts';
import { vhdxError } from '../structures/vhdx-errors.ts';

/** Adds a relative path to the parent locator; its other values stay. */
export async function nameParent(
  storage: RepairStorage,
  relativePath: string,
  signal: AbortSignal,
): Promise<RepairStep> {
  const session = await EditSession.open(storage, signal);
  const { parent } = session.metadata;
  if (parent === undefined) {
    throw vhdxError('vhdx.merge.kind', `${storage.name} is not a differencing image`, {
      data: { name: storage.name },
    });
  }
  const path = relativePath.replaceAll('/', '\\');
  const relative = /^\.{1,2}\\/.test(path) ? path : `.\\${path}`;
  await setParentLocator(session, { ...parent, relativePath: relative });
  await session.close();
  const offset = session.regions.metadata.offset;
  const what = `Add the relative path ${relative} of the parent`;
  return { code: 'disk.chain.absolute', offset, what };
}
