import { CREATE_OPTION } from '../../../../net/smb/codec/protocol/constants.ts';
import { SERVER_STATUS as STATUS } from '../../contract/server-status.ts';
import { StatusError } from '../../contract/status-error.ts';
import type { Open } from '../../files/open.ts';

/** Bytes of a sector of the lab's volume. */
export const SECTOR = 512;

/**
 * Returns the place of a read or write as a number. Throws INVALID_PARAMETER for a place that no file
 * has, and for an unaligned one of an open without buffering (MS-FSA 2.1.5.2).
 */
export function checkAlignment(open: Open, offset: bigint, length: number): number {
  if (offset + BigInt(length) > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new StatusError(STATUS.invalidParameter);
  }
  const unbuffered = (open.options & CREATE_OPTION.noBuffering) !== 0;
  if (unbuffered && (offset % BigInt(SECTOR) !== 0n || length % SECTOR !== 0)) {
    throw new StatusError(STATUS.invalidParameter);
  }
  return Number(offset);
}
