import { Buffer } from 'node:buffer';
import { getLbaStatus } from '../../codec/scsi/cdb.ts';
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
import type { StartLength } from '../../../../base/range.ts';
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

const STATUS_BYTES = 64 * 1024;
const HEAD = 8;
const ROW = 16;
const MAPPED = 0;

/**
 * Yields the allocated parts of a disk, in order (GET LBA STATUS). Throws `rsvd.sense` if the disk does
 * not have the command: then the whole disk counts as allocated.
 */
export async function* allocatedParts(
  handle: RsvdHandle,
  disk: { readonly size: number; readonly sector: number },
  signal: AbortSignal,
): AsyncGenerator<StartLength> {
  const { size, sector } = disk;
  for (let at = 0; at < size;) {
    const cdb = getLbaStatus(BigInt(at / sector), STATUS_BYTES);
    const what = 'Querying the allocation of';
    const command = {
      cdb,
      direction: 'fromDevice' as const,
      data: Buffer.alloc(STATUS_BYTES),
      what,
    };
    const answer = await sendCommand(handle, command, signal);
    const before = at;
    for (let row = HEAD; row + ROW <= answer.length; row += ROW) {
      const start = Number(answer.readBigUInt64BE(row)) * sector;
      const length = Math.min(answer.readUInt32BE(row + 8) * sector, size - at);
      if (start !== at || length <= 0) break;
      if ((answer.readUInt8(row + 12) & 15) === MAPPED) yield { start, length };
      at += length;
    }
    if (at > before) continue;
    throw rsvdError('rsvd.failed', `${what} ${handle.path} makes no progress at ${at}`, {
      data: { path: handle.path, offset: at },
    });
  }
}
