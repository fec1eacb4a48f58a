import { forEachInFlight } from '../../../../base/in-flight.ts';
import { smbError } from '../../contract/smb-errors.ts';
import { decodeReadHead, READ, READ_DATA_OFFSET } from '../../codec/files/read.ts';
import type { FileId } from '../../codec/protocol/file-id.ts';
import { TooFewCredits } from '../connection/credits.ts';
import type { SmbTree } from '../session/smb-tree.ts';
import { statusError } from '../session/status-error.ts';
import { copyOut, headOf, lengthOf } from '../wire/pieces.ts';

/** Parts of one read that may be under way; credits limit them further. */
const PARTS_IN_FLIGHT = 64;

/**
 * Fills `into` with bytes of an open file, in parts that the server and the credits allow. Bytes go from
 * the decrypted pieces to `into` at once. Throws `smb.answer` for more bytes than requested,
 * `smb.failed` if the file ends before.
 */
export async function readFile(
  tree: SmbTree,
  fileId: FileId,
  path: string,
  offset: number,
  into: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const { connection } = tree.session;
  function* parts(): Generator<{ start: number; length: number }> {
    for (let start = 0; start < into.length;) {
      const length = Math.min(connection.maxRead, into.length - start);
      yield { start, length };
      start += length;
    }
  }
  const whole = into.length <= connection.maxRead;
  const read = (start: number, length: number): Promise<void> =>
    readPart(tree, fileId, path, offset + start, into.subarray(start, start + length), signal);
  if (whole) return read(0, into.length);
  await forEachInFlight(
    parts(),
    PARTS_IN_FLIGHT,
    ({ start, length }) => read(start, length),
    signal,
  );
}

async function readPart(
  tree: SmbTree,
  fileId: FileId,
  path: string,
  offset: number,
  into: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  for (let done = 0; done < into.length;) {
    // Credits may have become fewer since the part was cut.
    const length = Math.min(into.length - done, tree.session.connection.maxRead);
    const request = { flags: 0, length, offset: BigInt(offset + done), fileId, minimum: 1 };
    const answer = await tree.request(READ, request, signal, length).catch(tooFew);
    // The next round asks for what the credits pay for now.
    if (answer === undefined) continue;
    const { header, pieces } = answer;
    if (header.status !== 0) throw statusError('Reading', path, header.status);
    const data = decodeReadHead(headOf(pieces, READ_DATA_OFFSET), lengthOf(pieces));
    if (data.length === 0 || data.length > length) {
      throw smbError(
        'smb.answer',
        `A read of ${length} bytes at ${offset + done} of ${path} was answered with ${data.length} bytes`,
        { data: { path, offset: offset + done, expected: length, found: data.length } },
      );
    }
    copyOut(pieces, data.offset, into.subarray(done, done + data.length));
    done += data.length;
  }
}

function tooFew(error: unknown): undefined {
  if (error instanceof TooFewCredits) return;
  throw error;
}
