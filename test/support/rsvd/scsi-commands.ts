import {
  RESERVE_PARAMETERS,
  type ReserveParameters,
} from '../../../src/engine/net/rsvd/codec/scsi/persistent-reserve.ts';
import { SCSI } from '../../../src/engine/net/rsvd/codec/scsi/cdb.ts';

/** READ CAPACITY(10); its answer has 8 bytes. */
export function readCapacity10(): Buffer {
  const block = Buffer.alloc(16);
  block[0] = SCSI.readCapacity10;
  return block;
}

export function reserveOut(action: number, type: number): Buffer {
  const block = Buffer.alloc(16);
  block[0] = SCSI.reserveOut;
  block[1] = action;
  block[2] = type;
  block.writeUInt32BE(RESERVE_PARAMETERS, 5);
  return block;
}

export function encodeReserveParameters({ key, serviceKey }: ReserveParameters): Buffer {
  const bytes = Buffer.alloc(RESERVE_PARAMETERS);
  bytes.writeBigUInt64BE(key, 0);
  bytes.writeBigUInt64BE(serviceKey, 8);
  return bytes;
}
