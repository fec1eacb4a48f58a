import { Buffer } from 'node:buffer';
import type { SharedControl } from '../../smb/contract/shared-disk.ts';
import { StatusError } from '../../smb/contract/status-error.ts';
import { STATUS } from '../../../net/smb/status/nt-status.ts';
import type { SharedSet } from '../disk/shared-disk.ts';
import type { SharedOpen } from '../opens/shared-open.ts';

/** The status of a tunnelled operation, which is answered behind the tunnel header. */
export class TunnelStatus extends Error {
  override readonly name = 'TunnelStatus';
  readonly status: number;
  readonly payload: Buffer;

  constructor(status: number, payload: Buffer = Buffer.alloc(0)) {
    super(`tunnel status 0x${status.toString(16)}`);
    this.status = status;
    this.payload = payload;
  }
}

/** A tunnelled request. */
export interface TunnelCall {
  readonly open: SharedOpen;
  /** Request without the tunnel header. */
  readonly payload: Buffer;
  /** Maximum bytes of the answer without the tunnel header. */
  readonly most: number;
  readonly control: SharedControl;
}

/** Carries out an operation and returns its answer. Throws `TunnelStatus`, or `StatusError` for the request. */
export type TunnelHandler = (call: TunnelCall) => Promise<Buffer>;

/** Returns the VHD Set of a call. Throws INVALID_DEVICE_REQUEST for a shared VHDX. */
export function setOf({ open }: TunnelCall): SharedSet {
  const { set } = open.entry.disk;
  if (set === undefined) throw new TunnelStatus(STATUS.invalidDeviceRequest);
  return set;
}

/** Throws BUFFER_TOO_SMALL unless the answer fits. */
export function requireRoom({ most }: TunnelCall, bytes: number): void {
  if (most < bytes) throw new StatusError(STATUS.bufferTooSmall);
}
