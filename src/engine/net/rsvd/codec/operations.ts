import { FSCTL } from '../../smb/codec/files/ioctl.ts';
import { STATUS } from '../../smb/status/nt-status.ts';

/*
 * Tunnel operations (MS-RSVD 2.2.2, 3.2.5.5). The high byte of a code is the protocol (2), the next 12
 * bits are the minimum version, the low 12 bits are the number.
 */

/** An operation, with the sizes that a server checks. Sizes are bytes and include the tunnel header. */
export interface Operation {
  readonly code: number;
  readonly name: string;
  readonly control: number;
  /** Version of the protocol that introduced it. */
  readonly version: 1 | 2;
  /** Bytes of the shortest input. */
  readonly input: number;
  /** Bytes of the shortest space for the answer, and the status if it is less. */
  readonly output: number;
  readonly tooSmall: number;
}

const { svhdxSync: sync, svhdxAsync: async } = FSCTL;
const { bufferTooSmall, bufferOverflow, invalidParameter } = STATUS;

type Row = readonly [
  code: number,
  name: string,
  input: number,
  output: number,
  tooSmall?: number,
  control?: number,
];

/** The table. A server names no error for most short buffers: BUFFER_TOO_SMALL then. */
const ROWS = {
  initialInfo: [0x0200_1001, 'GET_INITIAL_INFO', 16, 40],
  scsi: [0x0200_1002, 'SCSI', 16, 52, invalidParameter],
  checkConnection: [0x0200_1003, 'CHECK_CONNECTION_STATUS', 16, 16, bufferOverflow],
  srbStatus: [0x0200_1004, 'SRB_STATUS', 44, 40, invalidParameter],
  diskInfo: [0x0200_1005, 'GET_DISK_INFO', 72, 72],
  validateDisk: [0x0200_1006, 'VALIDATE_DISK', 72, 17],
  metaStart: [0x0200_2101, 'META_OPERATION_START', 40, 16, bufferTooSmall, async],
  metaProgress: [0x0200_2002, 'META_OPERATION_QUERY_PROGRESS', 32, 32],
  setInformation: [0x0200_2005, 'VHDSET_QUERY_INFORMATION', 40, 16],
  deleteSnapshot: [0x0200_2006, 'DELETE_SNAPSHOT', 40, 16],
  trackingParameters: [0x0200_2008, 'CHANGE_TRACKING_GET_PARAMETERS', 16, 32],
  trackingStart: [0x0200_2009, 'CHANGE_TRACKING_START', 72, 16],
  trackingStop: [0x0200_200a, 'CHANGE_TRACKING_STOP', 16, 20],
  queryChanges: [0x0200_200c, 'QUERY_VIRTUAL_DISK_CHANGES', 72, 32],
  safeSize: [0x0200_200d, 'QUERY_SAFE_SIZE', 16, 24],
} as const satisfies Record<string, Row>;

export type OperationName = keyof typeof ROWS;

export const OPERATIONS = Object.fromEntries(
  Object.entries<Row>(ROWS).map(([key, row]) => {
    const [code, name, input, output, tooSmall = bufferTooSmall, control = sync] = row;
    const version = versionOf(code) === 1 ? 1 : 2;
    return [key, { code, name, control, version, input, output, tooSmall } satisfies Operation];
  }),
) as Readonly<Record<OperationName, Operation>>;

const BY_CODE = new Map(
  Object.entries(OPERATIONS).map(([key, each]) => [each.code, key as OperationName]),
);

/** Returns the key of an operation; undefined for an unknown code. */
export const operationOf = (code: number): OperationName | undefined => BY_CODE.get(code);

/** Whether a code belongs to RSVD. */
export const isOfProtocol = (code: number): boolean => code >>> 24 === 2;

/** Returns the minimum version that a code names. */
export function versionOf(code: number): number {
  return (code >>> 12) & 0xfff;
}
