import type { Buffer } from 'node:buffer';
import {
  CDB_BYTES,
  decodeScsiResponse,
  DIRECTION,
  encodeScsiRequest,
  SCSI_BYTES,
  SCSI_STATUS,
  SENSE_BYTES,
  type ScsiResponse,
} from '../../codec/scsi/scsi.ts';
import { describeSense, readSense, SENSE_KEY } from '../../codec/scsi/sense.ts';
import { rsvdError } from '../../contract/rsvd-errors.ts';
import type { RsvdHandle } from '../handle/rsvd-handle.ts';

export interface ScsiCommand {
  /** 16 bytes. */
  readonly cdb: Buffer;
  readonly direction: keyof typeof DIRECTION;
  /** Data for the device, or as many zeros as it may return. */
  readonly data: Buffer;
  readonly what: string;
}

/**
 * Sends a SCSI command. A unit attention is answered by one more attempt. Throws `rsvd.reserved`,
 * `rsvd.sense`, `rsvd.attention`.
 */
export async function sendCommand(
  handle: RsvdHandle,
  command: ScsiCommand,
  signal: AbortSignal,
): Promise<Buffer> {
  const first = await attempt(handle, command, signal);
  const result = isAttention(first) ? await attempt(handle, command, signal) : first;
  if (result.scsiStatus === SCSI_STATUS.good) return result.data;
  const { path } = handle;
  const { what } = command;
  if (result.scsiStatus === SCSI_STATUS.reservationConflict) {
    throw rsvdError('rsvd.reserved', `${what} ${path} failed: another host has reserved the disk`, {
      data: { path },
    });
  }
  const code = isAttention(result) ? 'rsvd.attention' : 'rsvd.sense';
  throw rsvdError(code, `${what} ${path} failed: ${describeSense(result.sense)}`, {
    data: { path, sense: result.sense.toString('hex'), scsiStatus: result.scsiStatus },
  });
}

const isAttention = ({ scsiStatus, sense }: ScsiResponse): boolean =>
  scsiStatus === SCSI_STATUS.checkCondition && readSense(sense)?.key === SENSE_KEY.unitAttention;

async function attempt(
  handle: RsvdHandle,
  { cdb, direction, data, what }: ScsiCommand,
  signal: AbortSignal,
): Promise<ScsiResponse> {
  const request = encodeScsiRequest({
    length: SCSI_BYTES,
    cdbLength: CDB_BYTES,
    senseLength: SENSE_BYTES,
    ...DIRECTION[direction],
    dataLength: data.length,
    cdb,
    data,
  });
  const room = SCSI_BYTES + data.length;
  const answer = await handle.tunnel('scsi', request, what, signal, { room });
  return decodeScsiResponse(answer, 'smb.answer');
}
