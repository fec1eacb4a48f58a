import { Buffer } from 'node:buffer';
import { SCSI_STATUS, SRB_STATUS } from '../../../net/rsvd/codec/scsi/scsi.ts';
import { fixedSense, SENSE_KEY, type Sense } from '../../../net/rsvd/codec/scsi/sense.ts';

/** Result of a command. */
export interface ScsiResult {
  readonly scsiStatus: number;
  readonly srbStatus: number;
  readonly sense: Buffer;
  readonly data: Buffer;
}

const NOTHING = Buffer.alloc(0);
/** Maximum bytes of data of one command. */
export const MAX_BYTES = 8 << 20;

export const good = (data: Buffer = NOTHING): ScsiResult => ({
  scsiStatus: SCSI_STATUS.good,
  srbStatus: SRB_STATUS.success,
  sense: NOTHING,
  data,
});

/** A command that ends with sense data. */
export const check = (sense: Sense): ScsiResult => ({
  scsiStatus: SCSI_STATUS.checkCondition,
  srbStatus: SRB_STATUS.error,
  sense: fixedSense(sense),
  data: NOTHING,
});

/** @param code additional sense code */
export const illegal = (code: number): ScsiResult =>
  check({ key: SENSE_KEY.illegalRequest, code, qualifier: 0 });
