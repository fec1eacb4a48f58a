import { Buffer } from 'node:buffer';
import { alignTo8 } from '../../../../net/smb/codec/protocol/body.ts';
import { ACCESS } from '../../../../net/smb/codec/protocol/constants.ts';
import {
  DIRECTORY_FLAG,
  QUERY_DIRECTORY,
  type QueryDirectoryRequest,
} from '../../../../net/smb/codec/queries/query-directory.ts';
import { SERVER_STATUS as STATUS } from '../../contract/server-status.ts';
import { StatusError } from '../../contract/status-error.ts';
import { requireAccess } from '../../files/access-masks.ts';
import { FolderCursor } from '../../files/folder-cursor.ts';
import type { Open } from '../../files/open.ts';
import { statsOfOpen } from '../../files/stats-of-open.ts';
import type { Volume } from '../../files/volume.ts';
import type { Handler } from '../contract/request.ts';
import { encodeFolderEntry, headOf } from './directory-forms.ts';

/** QUERY_DIRECTORY (MS-SMB2 3.3.5.18, MS-FSA 2.1.5.6.3). */
export const queryDirectory: Handler = async ({ message, openOf, negotiated, server }) => {
  const query = QUERY_DIRECTORY.decodeRequest(message);
  const open = openOf(query.fileId);
  const head = headOf(query.infoClass);
  if (open.kind === 'file') throw new StatusError(STATUS.invalidParameter);
  if (head === undefined) throw new StatusError(STATUS.invalidInfoClass);
  if (query.maxOutput > negotiated.maxBytes) throw new StatusError(STATUS.invalidParameter);
  if (query.maxOutput < head) throw new StatusError(STATUS.infoLengthMismatch);
  requireAccess(open.access, ACCESS.readData);
  if (open.node?.deletePending === true) throw new StatusError(STATUS.deletePending);
  const restarts = (query.flags & (DIRECTORY_FLAG.restart | DIRECTORY_FLAG.reopen)) !== 0;
  const first = restarts || open.cursor === undefined;
  if (first) open.cursor = await openCursor(open, query, server.volume);
  const output = await fill(open.cursor as FolderCursor, query, first);
  return { body: [QUERY_DIRECTORY.encodeResponse({ output })], fileId: query.fileId };
};

async function openCursor(
  open: Open,
  { pattern }: QueryDirectoryRequest,
  volume: Volume,
): Promise<FolderCursor> {
  if (open.node !== undefined) return FolderCursor.open(open.node.local, pattern, volume.realPath);
  return FolderCursor.of(open.entries, pattern, await statsOfOpen(open, volume));
}

async function fill(
  cursor: FolderCursor,
  { infoClass, flags, maxOutput }: QueryDirectoryRequest,
  first: boolean,
): Promise<Buffer> {
  const entries: Buffer[] = [];
  let length = 0;
  for (let entry = await cursor.peek(); entry !== undefined; entry = await cursor.peek()) {
    const bytes = encodeFolderEntry(infoClass, entry);
    const start = alignTo8(length);
    if (start + bytes.length > maxOutput) {
      if (entries.length === 0) throw new StatusError(STATUS.bufferOverflow);
      break;
    }
    entries.push(bytes);
    length = start + bytes.length;
    cursor.advance();
    if ((flags & DIRECTORY_FLAG.single) !== 0) break;
  }
  if (entries.length === 0) throw new StatusError(first ? STATUS.noSuchFile : STATUS.noMoreFiles);
  return link(entries, length);
}

/** Puts each entry at a multiple of eight and points to the next one. */
function link(entries: readonly Buffer[], length: number): Buffer {
  const output = Buffer.alloc(length);
  let start = 0;
  for (const [at, entry] of entries.entries()) {
    entry.copy(output, start);
    if (at === entries.length - 1) break;
    const next = alignTo8(entry.length);
    output.writeUInt32LE(next, start);
    start += next;
  }
  return output;
}
