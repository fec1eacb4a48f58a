import type { ByteSource } from '../../../source/byte-source.ts';
import type { VhdxHeader } from '../structures/header.ts';
import { readHead } from './read-structures.ts';

/**
 * Whether the file was opened for writing since its header was read: each writer changes the header
 * before anything else (MS-VHDX 2.2.2). Reads the headers again.
 */
export async function headerChanged(
  source: ByteSource,
  before: VhdxHeader,
  signal: AbortSignal,
): Promise<boolean> {
  const { sequenceNumber, fileWriteGuid } = (await readHead(source, signal)).current.header;
  return sequenceNumber !== before.sequenceNumber || fileWriteGuid !== before.fileWriteGuid;
}
