import { Buffer } from 'node:buffer';

/** Operation codes of commands (SPC-4, SBC-3). Command blocks and parameters are big-endian. */
export const SCSI = {
  testUnitReady: 0x00,
  requestSense: 0x03,
  inquiry: 0x12,
  modeSense6: 0x1a,
  readCapacity10: 0x25,
  read10: 0x28,
  write10: 0x2a,
  synchronizeCache10: 0x35,
  unmap: 0x42,
  modeSense10: 0x5a,
  reserveIn: 0x5e,
  reserveOut: 0x5f,
  read16: 0x88,
  write16: 0x8a,
  synchronizeCache16: 0x91,
  serviceActionIn16: 0x9e,
  reportLuns: 0xa0,
} as const;

/** Service actions of SERVICE ACTION IN(16). */
export const SERVICE_ACTION = { readCapacity16: 0x10, getLbaStatus: 0x12 } as const;

const cdb = (bytes: Readonly<Record<number, number>>): Buffer => {
  const block = Buffer.alloc(16);
  for (const [at, byte] of Object.entries(bytes)) block[Number(at)] = byte;
  return block;
};

/** GET LBA STATUS from a block on. */
export function getLbaStatus(block: bigint, length: number): Buffer {
  const bytes = cdb({ 0: SCSI.serviceActionIn16, 1: SERVICE_ACTION.getLbaStatus });
  bytes.writeBigUInt64BE(block, 2);
  bytes.writeUInt32BE(length, 10);
  return bytes;
}

/** READ CAPACITY(16). */
export function readCapacity16(length: number): Buffer {
  const bytes = cdb({ 0: SCSI.serviceActionIn16, 1: SERVICE_ACTION.readCapacity16 });
  bytes.writeUInt32BE(length, 10);
  return bytes;
}
