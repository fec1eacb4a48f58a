import { rsvdError } from '../../contract/rsvd-errors.ts';
import { isAttention, isStored, operationError } from '../../contract/operation-error.ts';
import { SRB_REQUEST, decodeSrbResponse } from '../../codec/scsi/srb-status.ts';
import { SCSI_STATUS } from '../../codec/scsi/scsi.ts';
import { describeSense } from '../../codec/scsi/sense.ts';
import { forEachInFlight } from '../../../../base/in-flight.ts';
import { TooFewCredits } from '../../../smb/client/connection/credits.ts';
import type { Answer } from '../../../smb/client/connection/pending.ts';
import { copyOut, headOf, lengthOf } from '../../../smb/client/wire/pieces.ts';
import { decodeReadHead, READ, READ_DATA_OFFSET } from '../../../smb/codec/files/read.ts';
import { smbError } from '../../../smb/contract/smb-errors.ts';
import type { RsvdHandle } from './rsvd-handle.ts';

/** Parts of one read that may be under way; credits limit them further. */
const PARTS_IN_FLIGHT = 64;
/** Read past the server's cache (3.0.2 and later). */
const UNBUFFERED = 1;

/**
 * Fills `into` with whole sectors of a disk. A unit attention is answered by one more attempt; sense data
 * behind a failure is fetched. Throws `rsvd.attention`, `rsvd.reserved`, `rsvd.sense`, `smb.answer` for a
 * short answer.
 */
export async function readDisk(
  handle: RsvdHandle,
  offset: number,
  into: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const { connection } = handle.facts.tree.session;
  if (into.length <= alignedMaximum(connection.maxRead)) {
    return readPart(handle, offset, into, signal);
  }
  function* parts(): Generator<{ start: number; length: number }> {
    for (let start = 0; start < into.length;) {
      const length = Math.min(alignedMaximum(connection.maxRead), into.length - start);
      yield { start, length };
      start += length;
    }
  }
  await forEachInFlight(
    parts(),
    PARTS_IN_FLIGHT,
    ({ start, length }) =>
      readPart(handle, offset + start, into.subarray(start, start + length), signal),
    signal,
  );
}

/** Parts are multiples of the largest sector. */
const alignedMaximum = (bytes: number): number => Math.max(4096, Math.floor(bytes / 4096) * 4096);

async function readPart(
  handle: RsvdHandle,
  offset: number,
  into: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  let answer = await send(handle, offset, into, signal);
  if (isAttention(answer.header.status)) answer = await send(handle, offset, into, signal);
  const { status } = answer.header;
  if (isStored(status)) throw await senseError(handle, offset, status & 0xff, signal);
  if (status !== 0) throw operationError('Reading', handle.path, status);
  const { pieces } = answer;
  const data = decodeReadHead(headOf(pieces, READ_DATA_OFFSET), lengthOf(pieces));
  if (data.length !== into.length) {
    throw smbError(
      'smb.answer',
      `A read of ${into.length} bytes at ${offset} of ${handle.path} was answered with ${data.length} bytes`,
      { data: { path: handle.path, offset, expected: into.length, found: data.length } },
    );
  }
  copyOut(pieces, data.offset, into);
}

/** Sends a read; again, if credits became fewer since its length was chosen. */
async function send(
  { facts }: RsvdHandle,
  offset: number,
  into: Uint8Array,
  signal: AbortSignal,
): Promise<Answer> {
  const { tree, fileId } = facts;
  const { length } = into;
  const request = { flags: UNBUFFERED, length, offset: BigInt(offset), fileId, minimum: length };
  for (;;) {
    const answer = await tree.request(READ, request, signal, length).catch((error: unknown) => {
      if (error instanceof TooFewCredits) return undefined;
      throw error;
    });
    if (answer !== undefined) return answer;
  }
}

/** Returns the error behind a status that names stored sense data. */
async function senseError(
  handle: RsvdHandle,
  offset: number,
  key: number,
  signal: AbortSignal,
): Promise<Error> {
  const { path } = handle;
  const what = 'Reading the sense data of';
  const { status, answer } = await handle.tryTunnel(
    'srbStatus',
    SRB_REQUEST.encode({ key }),
    what,
    signal,
  );
  if (status !== 0) {
    const text = `Reading ${path} at ${offset} failed; the server has no sense data for it`;
    return rsvdError('rsvd.sense', text, { data: { path, offset, key } });
  }
  const stored = decodeSrbResponse(answer, 'smb.answer');
  if (stored.scsiStatus === SCSI_STATUS.reservationConflict) {
    return rsvdError(
      'rsvd.reserved',
      `Reading ${path} failed: another host has reserved the disk`,
      {
        data: { path },
      },
    );
  }
  const words = describeSense(stored.sense);
  const { srbStatus, scsiStatus } = stored;
  return rsvdError('rsvd.sense', `Reading ${path} at ${offset} failed: ${words}`, {
    data: { path, offset, sense: stored.sense.toString('hex'), srbStatus, scsiStatus },
  });
}
