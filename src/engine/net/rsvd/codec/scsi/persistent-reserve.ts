import type { Buffer } from 'node:buffer';

/** Service actions of PERSISTENT RESERVE OUT (SPC-4 6.16). */
export const RESERVE_OUT = {
  register: 0,
  reserve: 1,
  release: 2,
  clear: 3,
  preempt: 4,
  preemptAndAbort: 5,
  registerAndIgnore: 6,
  registerAndMove: 7,
} as const;

/** Service actions of PERSISTENT RESERVE IN (SPC-4 6.15). */
export const RESERVE_IN = { readKeys: 0, readReservation: 1, reportCapabilities: 2 } as const;

export const RESERVATION = {
  writeExclusive: 1,
  exclusiveAccess: 3,
  writeExclusiveRegistrants: 5,
  exclusiveAccessRegistrants: 6,
  writeExclusiveAll: 7,
  exclusiveAccessAll: 8,
} as const;

/** Bytes of the parameter list of PERSISTENT RESERVE OUT. */
export const RESERVE_PARAMETERS = 24;

export interface ReserveParameters {
  readonly key: bigint;
  readonly serviceKey: bigint;
}

/** Reads a parameter list; `bytes` has at least 16. */
export const decodeReserveParameters = (bytes: Buffer): ReserveParameters => ({
  key: bytes.readBigUInt64BE(0),
  serviceKey: bytes.readBigUInt64BE(8),
});
