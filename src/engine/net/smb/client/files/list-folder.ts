import { smbError } from '../../contract/smb-errors.ts';
import { decodeEntries, type DirectoryEntry } from '../../codec/queries/directory-entries.ts';
import { DIRECTORY_CLASS, QUERY_DIRECTORY } from '../../codec/queries/query-directory.ts';
import { STATUS } from '../../status/nt-status.ts';
import type { SmbTree } from '../session/smb-tree.ts';
import { statusError } from '../session/status-error.ts';
import { joined } from '../wire/pieces.ts';
import { closeFile, OPEN, openFile, pathOf } from './open-file.ts';

/** Maximum length of the list of one folder in bytes: more than 100,000 files with usual names. */
const MAX_BYTES = 32 * 2 ** 20;
const MAX_OUTPUT = 256 * 1024;

/** Lists a folder without `.` and `..`. Throws `smb.notFound`, `smb.denied`, `smb.answer`. */
export async function listFolder(
  tree: SmbTree,
  name: string,
  signal: AbortSignal,
): Promise<DirectoryEntry[]> {
  const { fileId } = await openFile(tree, name, OPEN.folder, signal);
  const maxOutput = Math.min(MAX_OUTPUT, tree.session.connection.maxRead);
  const entries: DirectoryEntry[] = [];
  let bytes = 0;
  try {
    for (;;) {
      const { header, pieces } = await tree.request(
        QUERY_DIRECTORY,
        {
          infoClass: DIRECTORY_CLASS.idBoth,
          flags: 0,
          index: 0,
          fileId,
          pattern: '*',
          maxOutput,
        },
        signal,
        maxOutput,
      );
      if (header.status === STATUS.noMoreFiles) break;
      if (header.status !== 0) throw statusError('Listing', pathOf(tree, name), header.status);
      const { output } = QUERY_DIRECTORY.decodeResponse(joined(pieces));
      const found = decodeEntries(output);
      if (output.length > maxOutput || found.length === 0) {
        throw smbError('smb.answer', `The list of ${pathOf(tree, name)} is not valid`);
      }
      entries.push(...found);
      bytes += output.length;
      if (bytes > MAX_BYTES) {
        const text = `The list of ${pathOf(tree, name)} is longer than ${MAX_BYTES} bytes`;
        throw smbError('smb.answer', text);
      }
    }
  } finally {
    await closeFile(tree, fileId, signal).catch(() => undefined);
  }
  return entries.filter((entry) => entry.name !== '.' && entry.name !== '..');
}
