import { describeStatus, STATUS } from '../../smb/status/nt-status.ts';
import { requestCode } from '../../smb/status/status-codes.ts';
import { smbError } from '../../smb/contract/smb-errors.ts';
import { rsvdError } from './rsvd-errors.ts';

type RsvdCode = Parameters<typeof rsvdError>[0];

const CODES: ReadonlyMap<number, RsvdCode> = new Map<number, RsvdCode>([
  [STATUS.versionMismatch, 'rsvd.version'],
  [STATUS.reservationConflict, 'rsvd.reserved'],
  [STATUS.wrongFileType, 'rsvd.kind'],
  [STATUS.fileCorrupt, 'rsvd.kind'],
  [STATUS.invalidDeviceRequest, 'rsvd.kind'],
  [STATUS.virtualDiskShared, 'rsvd.busy'],
  [STATUS.sharingViolation, 'rsvd.busy'],
  [STATUS.notFound, 'rsvd.snapshot'],
  ...[1, 2, 3, 4, 5, 6].map((each): [number, RsvdCode] => [
    STATUS.unitAttention - 1 + each,
    'rsvd.attention',
  ]),
]);

/** Codes of lost connections and missing rights, which are those of SMB. */
const OF_SMB: readonly string[] = ['smb.lost', 'smb.denied', 'smb.notFound', 'smb.redirect'];

/**
 * Returns the error of an operation that a server refused.
 * @param what the failed work, for example `Creating a snapshot of`
 */
export function operationError(what: string, path: string, status: number): Error {
  const text = `${what} ${path} failed: ${describeStatus(status)}`;
  const code = CODES.get(status >>> 0);
  const details = { data: { path, status } };
  if (code !== undefined) return rsvdError(code, text, details);
  const known = requestCode(status);
  return OF_SMB.includes(known)
    ? smbError(known, text, details)
    : rsvdError('rsvd.failed', text, details);
}

/** Whether a status is a unit attention, after which a request is repeated once. */
export const isAttention = (status: number): boolean =>
  status >>> 0 >= STATUS.unitAttention && status >>> 0 <= STATUS.definitionChanged;

/** Whether a status says that sense data is stored under its low byte. */
export const isStored = (status: number): boolean => (status & 0xffff_ff00) >>> 0 === 0xc05c_0000;
