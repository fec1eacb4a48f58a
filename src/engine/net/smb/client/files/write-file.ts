import { Buffer } from 'node:buffer';
import { forEachInFlight } from '../../../../base/in-flight.ts';
import { FLUSH } from '../../codec/files/flush.ts';
import { WRITE } from '../../codec/files/write.ts';
import { utf16, written } from '../../codec/protocol/body.ts';
import type { FileId } from '../../codec/protocol/file-id.ts';
import { FILE_CLASS, INFO_TYPE } from '../../codec/queries/query-info.ts';
import { SET_INFO } from '../../codec/queries/set-info.ts';
import { smbError } from '../../contract/smb-errors.ts';
import { TooFewCredits } from '../connection/credits.ts';
import type { SmbTree } from '../session/smb-tree.ts';
import { statusError } from '../session/status-error.ts';
import { joined } from '../wire/pieces.ts';

/** Parts of one write that may be under way; credits limit them further. */
const PARTS_IN_FLIGHT = 16;

/**
 * Writes bytes to an open file, in parts that the server and the credits allow. Throws `smb.answer` for
 * a part that was not written as a whole.
 * @param path UNC path, for messages
 */
export async function writeFile(
  tree: SmbTree,
  fileId: FileId,
  path: string,
  offset: number,
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const { connection } = tree.session;
  const size = connection.maxWrite;
  const write = (start: number, end: number): Promise<void> =>
    writePart(tree, fileId, path, offset + start, bytes.subarray(start, end), signal);
  if (bytes.length <= size) return write(0, bytes.length);
  function* parts(): Generator<number> {
    for (let start = 0; start < bytes.length; start += size) yield start;
  }
  await forEachInFlight(
    parts(),
    PARTS_IN_FLIGHT,
    (start) => write(start, Math.min(start + size, bytes.length)),
    signal,
  );
}

async function writePart(
  tree: SmbTree,
  fileId: FileId,
  path: string,
  offset: number,
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    // Credits may have become fewer since the part was cut.
    const length = Math.min(bytes.length - done, tree.session.connection.maxWrite);
    const piece = bytes.subarray(done, done + length);
    const data = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    const request = { offset: BigInt(offset + done), fileId, flags: 0, data };
    const answer = await tree.request(WRITE, request, signal, length).catch(tooFew);
    // The next round sends what the credits pay for now.
    if (answer === undefined) continue;
    if (answer.header.status !== 0) throw statusError('Writing', path, answer.header.status);
    const { count } = WRITE.decodeResponse(joined(answer.pieces));
    if (count !== length) {
      throw smbError(
        'smb.answer',
        `A write of ${length} bytes at ${offset + done} of ${path} was answered with ${count}`,
        { data: { path, offset: offset + done, expected: length, found: count } },
      );
    }
    done += length;
  }
}

function tooFew(error: unknown): undefined {
  if (error instanceof TooFewCredits) return;
  throw error;
}

/** Makes the bytes of an open file durable on the server. */
export async function flushFile(
  tree: SmbTree,
  fileId: FileId,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const { header } = await tree.request(FLUSH, { fileId }, signal);
  if (header.status !== 0) throw statusError('Flushing', path, header.status);
}

/** Sets the length of an open file (MS-FSCC 2.4.14, FileEndOfFileInformation). */
export function setLength(
  tree: SmbTree,
  fileId: FileId,
  path: string,
  length: number,
  signal: AbortSignal,
): Promise<void> {
  const input = written(8, (to) => to.u64(BigInt(length)));
  return setInfo(
    tree,
    fileId,
    FILE_CLASS.endOfFile,
    input,
    ['Setting the length of', path],
    signal,
  );
}

/**
 * Gives an open file another name in the same share; never replaces a file (MS-FSCC 2.4.42.2,
 * FileRenameInformation for SMB 2).
 * @param to relative to the share
 */
export function renameOpen(
  tree: SmbTree,
  fileId: FileId,
  path: string,
  to: string,
  signal: AbortSignal,
): Promise<void> {
  const name = utf16(to);
  const input = written(20 + name.length, (into) =>
    into.u64(0n).u64(0n).u32(name.length).put(name),
  );
  return setInfo(tree, fileId, FILE_CLASS.rename, input, ['Renaming', path], signal);
}

async function setInfo(
  tree: SmbTree,
  fileId: FileId,
  infoClass: number,
  input: Buffer,
  [what, path]: readonly [what: string, path: string],
  signal: AbortSignal,
): Promise<void> {
  const request = { infoType: INFO_TYPE.file, infoClass, additional: 0, fileId, input };
  const { header } = await tree.request(SET_INFO, request, signal);
  if (header.status !== 0) throw statusError(what, path, header.status);
}
