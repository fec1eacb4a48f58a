import type { ByteSource } from '../../../source/byte-source.ts';
import type { UserItem } from '../../image/image-writer.ts';
import { KNOWN_ITEMS } from '../structures/metadata/item-fields.ts';
import { readExactly, readMetadata, readRegionTable } from './read-structures.ts';

/**
 * Reads the metadata items that a copy of the virtual disk keeps (MS-VHDX 2.6.1.2): those of users,
 * and optional ones of the system that describe the virtual disk and that this reader does not
 * know. Memory: at most the length of the metadata region.
 */
export async function readUserItems(
  source: ByteSource,
  signal: AbortSignal,
): Promise<readonly UserItem[]> {
  const { metadata: region } = await readRegionTable(source, signal);
  const { entries } = await readMetadata(source, region, signal);
  const items: UserItem[] = [];
  for (const { id, isUser, isVirtualDisk, offset, length } of entries) {
    if (!isUser && (KNOWN_ITEMS.has(id) || !isVirtualDisk)) continue;
    const at = region.offset + offset;
    const bytes = await readExactly(source, at, length, 'a metadata item', signal);
    items.push({ id, isUser, isVirtualDisk, bytes });
  }
  return items;
}
