import { ACCESS } from '../../../net/smb/codec/protocol/constants.ts';
import { USE } from '../../files/file-shares.ts';
import { SERVER_STATUS as STATUS } from '../contract/server-status.ts';
import { StatusError } from '../contract/status-error.ts';

/** Access masks of files (MS-SMB2 2.2.13.1.1) and what they become on the lab's volume. */
const READ = 0x12_0089;
const WRITE = 0x12_0116;
const EXECUTE = 0x12_00a0;
export const FULL_ACCESS = 0x1f_01ff;
/** Access of everybody to a share that is read-only. */
export const READ_ONLY_ACCESS = READ | EXECUTE;

const GENERIC: readonly (readonly [bit: number, mask: number])[] = [
  [ACCESS.genericRead, READ],
  [ACCESS.genericWrite, WRITE],
  [ACCESS.genericExecute, EXECUTE],
  [ACCESS.genericAll, FULL_ACCESS],
];

/**
 * Returns the access that an open gets. Throws ACCESS_DENIED if it asks for nothing, for unknown
 * rights, or for more than `most`.
 */
export function grantAccess(desired: number, most: number): number {
  let wanted = desired >>> 0;
  const isSet = (bit: number): boolean => (wanted & bit) !== 0;
  let granted = isSet(ACCESS.maximumAllowed) ? most : 0;
  for (const [bit, mask] of GENERIC) {
    if (!isSet(bit)) continue;
    granted |= mask;
    wanted = (wanted & ~bit) >>> 0;
  }
  wanted = (wanted & ~ACCESS.maximumAllowed) >>> 0;
  granted = (granted | wanted) >>> 0;
  if (granted === 0 || (granted & ~most) !== 0) throw new StatusError(STATUS.accessDenied);
  return granted;
}

/** Returns what an open with this access does to others (MS-FSA 2.1.5.1.2.2). */
export function usesOf(access: number): number {
  let uses = 0;
  if ((access & (ACCESS.readData | ACCESS.execute)) !== 0) uses |= USE.read;
  if ((access & (ACCESS.writeData | ACCESS.appendData)) !== 0) uses |= USE.write;
  if ((access & ACCESS.delete) !== 0) uses |= USE.delete;
  return uses;
}

/** Throws ACCESS_DENIED unless an open has one of these rights. */
export function requireAccess(granted: number, ...rights: readonly number[]): void {
  if (!rights.some((right) => (granted & right) !== 0)) throw new StatusError(STATUS.accessDenied);
}
