import { Buffer } from 'node:buffer';
import { Fields } from '../../codec/protocol/fields.ts';
import { FILE_SYSTEM_CLASS, INFO_TYPE, QUERY_INFO } from '../../codec/queries/query-info.ts';
import type { SmbTree } from '../session/smb-tree.ts';
import { statusError } from '../session/status-error.ts';
import { joined } from '../wire/pieces.ts';
import { closeFile, OPEN, openFile, pathOf } from './open-file.ts';

const OUTPUT = 32;

/**
 * Returns the bytes that the account may still write to the volume of a folder (MS-FSCC 2.5.4,
 * FileFsFullSizeInformation: total, free of the caller, free, sectors per cluster, bytes per sector).
 */
export async function freeSpace(tree: SmbTree, name: string, signal: AbortSignal): Promise<number> {
  const { fileId } = await openFile(tree, name, OPEN.attributes, signal);
  try {
    const { header, pieces } = await tree.request(
      QUERY_INFO,
      {
        infoType: INFO_TYPE.fileSystem,
        infoClass: FILE_SYSTEM_CLASS.fullSize,
        maxOutput: OUTPUT,
        additional: 0,
        flags: 0,
        fileId,
        input: Buffer.alloc(0),
      },
      signal,
      OUTPUT,
    );
    const path = pathOf(tree, name);
    if (header.status !== 0) throw statusError('Asking for the free space of', path, header.status);
    const { output } = QUERY_INFO.decodeResponse(joined(pieces));
    const fields = new Fields(output, 'FileFsFullSizeInformation', 'smb.answer', 0);
    const free = fields.skip(8).u64();
    const cluster = fields.skip(8).u32() * fields.u32();
    const bytes = Number(free) * cluster;
    return Math.min(bytes, Number.MAX_SAFE_INTEGER);
  } finally {
    await closeFile(tree, fileId, signal).catch(() => undefined);
  }
}
