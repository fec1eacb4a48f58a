import { Buffer } from 'node:buffer';
import { isEngineError } from '../../../base/errors.ts';
import {
  isOfProtocol,
  OPERATIONS,
  operationOf,
  versionOf,
  type OperationName,
} from '../../../net/rsvd/codec/operations.ts';
import { SUPPORT } from '../../../net/rsvd/codec/open/support.ts';
import { TUNNEL } from '../../../net/rsvd/codec/tunnel.ts';
import { FSCTL } from '../../../net/smb/codec/files/ioctl.ts';
import { STATUS } from '../../../net/smb/status/nt-status.ts';
import { SERVER_STATUS } from '../../smb/contract/server-status.ts';
import { StatusError } from '../../smb/contract/status-error.ts';
import type { Controls, SharedOpen } from '../opens/shared-open.ts';
import { CHANGE_HANDLERS } from './change-operations.ts';
import { TunnelStatus, type TunnelHandler } from './contract.ts';
import { DISK_HANDLERS } from './disk-operations.ts';
import { META_HANDLERS } from './meta-operations.ts';
import { SCSI_HANDLERS } from './scsi-operations.ts';
import { SET_HANDLERS } from './set-operations.ts';

const HANDLERS: Readonly<Record<OperationName, TunnelHandler>> = {
  ...DISK_HANDLERS,
  ...SCSI_HANDLERS,
  ...META_HANDLERS,
  ...SET_HANDLERS,
  ...CHANGE_HANDLERS,
};

/** Carries out the controls of an open shared disk (MS-RSVD 3.2.5.5, MS-SMB2 3.3.5.15). */
export const controls: Controls = async (open, control) => {
  const { code, most } = control;
  switch (code) {
    case FSCTL.querySharedVirtualDiskSupport:
      if (most < SUPPORT.size) throw new StatusError(STATUS.bufferTooSmall);
      return supportAnswer(open.switches.version(), 3);
    case FSCTL.offloadRead:
      throw new StatusError(SERVER_STATUS.offloadReadNotSupported);
    case FSCTL.offloadWrite:
      throw new StatusError(SERVER_STATUS.offloadWriteNotSupported);
    case FSCTL.svhdxSync:
    case FSCTL.svhdxAsync:
      return tunnel(open, control);
    default:
      return undefined;
  }
};

/** Returns the answer to a support query. */
export const supportAnswer = (version: 1 | 2, handleState: number): Buffer =>
  SUPPORT.encode({ support: version === 1 ? 1 : 7, handleState });

async function tunnel(open: SharedOpen, control: Parameters<Controls>[1]): Promise<Buffer> {
  const { input, most, code } = control;
  if (input.length < TUNNEL.size) throw new StatusError(STATUS.bufferTooSmall);
  const { operation: wanted, requestId } = TUNNEL.decode(input, 'smb.request');
  if (!isOfProtocol(wanted)) throw new StatusError(STATUS.invalidDeviceRequest);
  const answer = (status: number, payload: Buffer = Buffer.alloc(0)): Buffer =>
    Buffer.concat([TUNNEL.encode({ operation: wanted, status, requestId }), payload]);
  if (versionOf(wanted) > open.switches.version()) return answer(STATUS.versionMismatch);
  const name = operationOf(wanted);
  if (name === undefined) return answer(STATUS.invalidParameter);
  const operation = OPERATIONS[name];
  // The specification names no error for the wrong control.
  if (operation.control !== code) return answer(STATUS.invalidParameter);
  if (most < operation.output) throw new StatusError(operation.tooSmall);
  if (input.length < operation.input) throw new StatusError(STATUS.bufferTooSmall);
  const payload = input.subarray(TUNNEL.size);
  try {
    const call = { open, payload, most: most - TUNNEL.size, control };
    return answer(0, await HANDLERS[name](call));
  } catch (error) {
    if (error instanceof TunnelStatus) return answer(error.status, error.payload);
    if (error instanceof StatusError) throw error;
    if (isEngineError(error, 'smb.request')) return answer(STATUS.invalidParameter);
    if (isEngineError(error)) return answer(STATUS.fileCorrupt);
    throw error;
  }
}
