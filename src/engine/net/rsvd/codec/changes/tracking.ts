import { Buffer } from 'node:buffer';
import type { Guid } from '../../../../base/guid.ts';
import type { Sender } from '../../../smb/contract/smb-errors.ts';
import { decodeName, encodeName } from '../layout/name-part.ts';
import { structure } from '../layout/structure.ts';

/** States of log-based tracking (ChangeTrackingStatus). */
export const TRACKING_STATUS = {
  active: 0,
  notInitialized: 0xc03a_0020,
  sizeExceeded: 0xc03a_0021,
  changedOffline: 0xc03a_0022,
  invalidState: 0xc03a_0023,
  inconsistent: 0xc03a_0024,
} as const;

const START = structure('SVHDX_CHANGE_TRACKING_START_REQUEST', '2.2.4.27', 56, {
  transactionId: [0, 'guid', 'TransactionId'],
  logNameOffset: [16, 'u32', 'LogFileNameOffset from the start of this structure'],
  logNameLength: [20, 'u32', 'LogFileNameLength in bytes'],
  logId: [24, 'guid', 'LogFileId'],
  maxLogSize: [40, 'size', 'MaxLogFileSize; 0: unbounded'],
  append: [48, 'u32', 'AppendData'],
});

export interface TrackingStart {
  readonly transactionId: Guid;
  /** Empty: the server chooses. */
  readonly logName: string;
  readonly logId: Guid;
  readonly maxLogSize: number;
  readonly append: number;
}

export function encodeTrackingStart({ logName, ...values }: TrackingStart): Buffer {
  const name = logName === '' ? Buffer.alloc(0) : encodeName(logName);
  const place = { logNameOffset: START.size, logNameLength: name.length };
  return Buffer.concat([START.encode({ ...values, ...place }), name]);
}

export function decodeTrackingStart(bytes: Buffer, sender: Sender): TrackingStart {
  const { logNameOffset, logNameLength, ...values } = START.decode(bytes, sender);
  const at = Math.max(logNameOffset, START.size);
  const logName = logNameLength === 0 ? '' : decodeName(bytes, at, logNameLength, sender);
  return { ...values, logName };
}

/** Answer to CHANGE_TRACKING_GET_PARAMETERS. */
export const TRACKING_PARAMETERS = structure(
  'SVHDX_CHANGE_TRACKING_GET_PARAMETERS_RESPONSE',
  '2.2.4.25',
  16,
  {
    status: [0, 'u32', 'ChangeTrackingStatus'],
    logSize: [8, 'size', 'LogFileSize in bytes'],
  },
);

/** Answer to CHANGE_TRACKING_STOP. */
export const TRACKING_STOPPED = structure('SVHDX_CHANGE_TRACKING_STOP_RESPONSE', '2.2.4.30', 4, {
  status: [0, 'u32', 'ChangeTrackingStatus'],
});
