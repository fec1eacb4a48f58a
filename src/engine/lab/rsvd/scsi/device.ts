import { Buffer } from 'node:buffer';
import { SCSI } from '../../../net/rsvd/codec/scsi/cdb.ts';
import {
  decodeReserveParameters,
  RESERVE_IN,
  RESERVE_PARAMETERS,
} from '../../../net/rsvd/codec/scsi/persistent-reserve.ts';
import { SCSI_STATUS, SRB_STATUS } from '../../../net/rsvd/codec/scsi/scsi.ts';
import { fixedSense, SENSE_KEY } from '../../../net/rsvd/codec/scsi/sense.ts';
import type { Guid } from '../../../base/guid.ts';
import type { SharedDisk } from '../disk/shared-disk.ts';
import type { Notify, Reservations } from './reservations.ts';
import { describeBlocks, viewOf } from './blocks.ts';
import { standardInquiry, vitalPage } from './inquiry.ts';
import { good, illegal, MAX_BYTES, type ScsiResult } from './result.ts';

export interface ScsiCall {
  readonly disk: SharedDisk;
  readonly reservations: Reservations;
  readonly initiator: Guid;
  readonly notify: Notify;
  readonly cdb: Buffer;
  /** Data of the client, or the space for that of the device. */
  readonly data: Buffer;
}

const INVALID_COMMAND = 0x20;
const OUT_OF_RANGE = 0x21;
const INVALID_FIELD = 0x24;
const INVALID_PARAMETER = 0x26;

const CONFLICT: ScsiResult = {
  scsiStatus: SCSI_STATUS.reservationConflict,
  srbStatus: SRB_STATUS.error,
  sense: Buffer.alloc(0),
  data: Buffer.alloc(0),
};

/** Commands that a reservation of another initiator lets pass. */
const ALWAYS: readonly number[] = [
  SCSI.inquiry,
  SCSI.requestSense,
  SCSI.reportLuns,
  SCSI.testUnitReady,
  SCSI.reserveIn,
  SCSI.reserveOut,
  SCSI.readCapacity10,
];
const WRITES: readonly number[] = [
  SCSI.write10,
  SCSI.write16,
  SCSI.unmap,
  SCSI.synchronizeCache10,
  SCSI.synchronizeCache16,
];

/** Carries out a command of the virtual SCSI disk. The operation code decides its direction. */
export async function runCommand(call: ScsiCall): Promise<ScsiResult> {
  const { cdb, disk, reservations, initiator } = call;
  const code = cdb.readUInt8(0);
  const isCapacity = code === SCSI.serviceActionIn16;
  if (!ALWAYS.includes(code) && !isCapacity) {
    if (reservations.forbids(initiator, WRITES.includes(code))) return CONFLICT;
  }
  const fit = (data: Buffer): ScsiResult => good(data.subarray(0, call.data.length));
  switch (code) {
    case SCSI.testUnitReady:
      return good();
    case SCSI.requestSense:
      return fit(fixedSense({ key: SENSE_KEY.none, code: 0, qualifier: 0 }));
    case SCSI.inquiry: {
      const facts = await disk.facts();
      if ((cdb.readUInt8(1) & 1) === 0) return fit(standardInquiry());
      const page = vitalPage(cdb.readUInt8(2), facts);
      return page === undefined ? illegal(INVALID_FIELD) : fit(page);
    }
    case SCSI.modeSense6:
      return fit(Buffer.from([3, 0, 0x10, 0]));
    case SCSI.modeSense10:
      return fit(Buffer.from([0, 6, 0, 0x10, 0, 0, 0, 0]));
    case SCSI.readCapacity10: {
      const { size, sectorSize } = await disk.facts();
      const answer = Buffer.alloc(8);
      answer.writeUInt32BE(Math.min(size / sectorSize - 1, 0xffff_ffff), 0);
      answer.writeUInt32BE(sectorSize, 4);
      return fit(answer);
    }
    case SCSI.serviceActionIn16:
      return describeBlocks(viewOf(disk), cdb, call.data.length);
    case SCSI.read10:
      return readBlocks(call, cdb.readUInt32BE(2), cdb.readUInt16BE(7));
    case SCSI.read16:
      return readBlocks(call, Number(cdb.readBigUInt64BE(2)), cdb.readUInt32BE(10));
    case SCSI.write10:
      return writeBlocks(call, cdb.readUInt32BE(2), cdb.readUInt16BE(7));
    case SCSI.write16:
      return writeBlocks(call, Number(cdb.readBigUInt64BE(2)), cdb.readUInt32BE(10));
    case SCSI.synchronizeCache10:
    case SCSI.synchronizeCache16:
      await disk.session.flush();
      return good();
    case SCSI.unmap:
      return unmap(call);
    case SCSI.reportLuns:
      return fit(Buffer.concat([Buffer.from([0, 0, 0, 8, 0, 0, 0, 0]), Buffer.alloc(8)]));
    case SCSI.reserveIn:
      return reserveIn(call, fit);
    case SCSI.reserveOut:
      return reserveOut(call);
    default:
      return illegal(INVALID_COMMAND);
  }
}

/** Returns the place of blocks in bytes; undefined if they are not all on the disk, or too many. */
async function placeOf(
  { disk }: ScsiCall,
  block: number,
  count: number,
): Promise<{ readonly start: number; readonly length: number } | undefined> {
  const { size, sectorSize } = await disk.facts();
  const [start, length] = [block * sectorSize, count * sectorSize];
  return start + length > size || length > MAX_BYTES ? undefined : { start, length };
}

async function readBlocks(call: ScsiCall, block: number, count: number): Promise<ScsiResult> {
  const place = await placeOf(call, block, count);
  if (place === undefined) return illegal(OUT_OF_RANGE);
  const data = Buffer.alloc(place.length);
  await call.disk.read(place.start, data);
  return good(data.subarray(0, call.data.length));
}

async function writeBlocks(call: ScsiCall, block: number, count: number): Promise<ScsiResult> {
  const place = await placeOf(call, block, count);
  if (place === undefined) return illegal(OUT_OF_RANGE);
  if (call.data.length < place.length) return illegal(INVALID_FIELD);
  if (place.length > 0) await call.disk.write(place.start, call.data.subarray(0, place.length));
  return good();
}

/** UNMAP: u16, u16 bytes of descriptors, 4 reserved; descriptors of u64 block, u32 count, 4 reserved. */
async function unmap(call: ScsiCall): Promise<ScsiResult> {
  const { data } = call;
  if (data.length < 8) return illegal(INVALID_PARAMETER);
  const end = Math.min(data.length, 8 + data.readUInt16BE(2));
  for (let at = 8; at + 16 <= end; at += 16) {
    const block = Number(data.readBigUInt64BE(at));
    const place = await placeOf(call, block, data.readUInt32BE(at + 8));
    if (place === undefined) return illegal(OUT_OF_RANGE);
    if (place.length > 0) await call.disk.write(place.start, Buffer.alloc(place.length));
  }
  return good();
}

function reserveIn({ cdb, reservations }: ScsiCall, fit: (data: Buffer) => ScsiResult): ScsiResult {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(reservations.generation, 0);
  const parts: Buffer[] = [head];
  switch (cdb.readUInt8(1) & 0x1f) {
    case RESERVE_IN.readKeys:
      for (const key of reservations.keys) {
        const part = Buffer.alloc(8);
        part.writeBigUInt64BE(key);
        parts.push(part);
      }
      break;
    case RESERVE_IN.readReservation: {
      const held = reservations.reservation;
      if (held === undefined) break;
      const part = Buffer.alloc(16);
      part.writeBigUInt64BE(held.key);
      part.writeUInt8(held.type, 13);
      parts.push(part);
      break;
    }
    case RESERVE_IN.reportCapabilities:
      return fit(Buffer.from([0, 8, 0, 0x80, 0xea, 0x01, 0, 0]));
    default:
      return illegal(INVALID_FIELD);
  }
  const answer = Buffer.concat(parts);
  answer.writeUInt32BE(answer.length - 8, 4);
  return fit(answer);
}

function reserveOut({ cdb, data, reservations, initiator, notify }: ScsiCall): ScsiResult {
  if (cdb.readUInt32BE(5) !== RESERVE_PARAMETERS || data.length < RESERVE_PARAMETERS) {
    return illegal(0x1a);
  }
  const action = { service: cdb.readUInt8(1) & 0x1f, type: cdb.readUInt8(2) & 15 };
  switch (reservations.act(initiator, action, decodeReserveParameters(data), notify)) {
    case 'good':
      return good();
    case 'conflict':
      return CONFLICT;
    case 'invalid':
      return illegal(INVALID_FIELD);
  }
}
