import { never } from '../../../base/abort.ts';
import { tryParseGuid } from '../../../base/guid.ts';
import { alignUp } from '../../../base/range.ts';
import type { ByteStorage } from '../../../source/byte-source.ts';
import type { NewParent } from '../../image/image-writer.ts';
import { diskError } from '../../virtual/disk-errors.ts';
import { encodeHeader } from '../structures/dynamic-header.ts';
import { encodeFooter } from '../structures/footer.ts';
import { FOOTER_SIZE, HEADER_SIZE, SECTOR } from '../structures/layout.ts';
import { LOCATOR_COUNT, NO_LOCATOR } from '../structures/locator-entry.ts';
import { newLocators } from '../write/new-locators.ts';
import { readEditable } from './editable-vhd.ts';

/**
 * Replaces the link of a differencing VHD to its parent. The header has no copy and two sectors, so
 * it is never overwritten while a footer refers to it: a second header behind the blocks takes over
 * by one write of a sector, then the first is written anew and takes over again. After a crash the
 * link is the old or the new one. Throws `disk.write.argument`, `vhd.*`.
 */
export async function relinkVhd(
  child: ByteStorage,
  parent: NewParent,
  signal: AbortSignal,
): Promise<void> {
  const { parts, footer, header, size, subformat } = await readEditable(child, signal);
  const parentId = tryParseGuid(parent.identity ?? '');
  if (subformat !== 'differencing' || header === undefined || parentId === undefined) {
    throw refused('parent', parent.identity ?? 'one without ID', 'the ID of a VHD, for a child');
  }
  if (parent.size !== size) throw refused('size of the parent', parent.size, size);
  const end = alignUp(Math.max(parts.dataEnd + FOOTER_SIZE, child.size), SECTOR);
  const locators = newLocators(parent, end);
  const [last] = locators.slice(-1);
  const second = alignUp(last === undefined ? end : last.entry.offset + last.entry.space, SECTOR);
  const footerAt = second + HEADER_SIZE;
  const used = locators.map(({ entry }) => entry);
  const unused = Array.from({ length: LOCATOR_COUNT - used.length }, () => NO_LOCATOR);
  const bytes = encodeHeader({
    ...header,
    parentId,
    parentTimeStamp: 0,
    parentName: parent.absolutePath ?? parent.relativePath ?? '',
    locators: [...used, ...unused],
  });
  const durably = async (offset: number, what: Uint8Array): Promise<void> => {
    await child.write(offset, what, never);
    await child.flush(never);
  };
  const referTo = async (dataOffset: number): Promise<void> => {
    const encoded = encodeFooter({ ...footer, dataOffset });
    await durably(footerAt, encoded);
    await durably(0, encoded);
  };
  const first = footer.dataOffset ?? FOOTER_SIZE;
  signal.throwIfAborted();
  await durably(footerAt, encodeFooter({ ...footer, dataOffset: first }));
  for (const { entry, text } of locators) await child.write(entry.offset, text, never);
  await durably(second, bytes);
  await referTo(second);
  await durably(first, bytes);
  await referTo(first);
}

const refused = (what: string, found: string | number, expected: string | number): Error =>
  diskError('disk.write.argument', `the ${what} is ${found}; expected ${expected}`, {
    data: { field: what, found, expected },
  });
