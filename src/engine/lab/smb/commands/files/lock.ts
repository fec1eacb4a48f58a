import { LOCK, LOCK_FLAG, type LockElement } from '../../../../net/smb/codec/files/lock.ts';
import { ACCESS } from '../../../../net/smb/codec/protocol/constants.ts';
import { SERVER_STATUS as STATUS } from '../../contract/server-status.ts';
import { StatusError } from '../../contract/status-error.ts';
import { requireAccess } from '../../files/access-masks.ts';
import type { ByteLock, ByteLocks } from '../../files/byte-locks.ts';
import type { Open } from '../../files/open.ts';
import type { Handler, SmbRequest } from '../contract/request.ts';

const { shared, exclusive, unlock, failImmediately } = LOCK_FLAG;
const LOCKS: readonly number[] = [
  shared,
  exclusive,
  shared | failImmediately,
  exclusive | failImmediately,
];

/** LOCK (MS-SMB2 3.3.5.14): either unlocks only, or locks only. A single lock may wait. */
export const lock: Handler = async (request) => {
  const { fileId, locks } = LOCK.decodeRequest(request.message);
  const open = request.openOf(fileId);
  if (open.shared !== undefined) throw new StatusError(STATUS.lockNotGranted);
  const held = open.node?.locks;
  if (open.kind !== 'file' || held === undefined)
    throw new StatusError(STATUS.invalidDeviceRequest);
  requireAccess(open.access, ACCESS.readData, ACCESS.writeData);
  if (locks[0]?.flags === unlock) {
    if (locks.some(({ flags }) => flags !== unlock)) throw new StatusError(STATUS.invalidParameter);
    for (const { offset, length } of locks) held.remove(open, offset, length);
  } else {
    // Several locks that could wait for each other are refused.
    const wrong = locks.some(({ flags }) => !LOCKS.includes(flags));
    const waits = locks.some(({ flags }) => (flags & failImmediately) === 0);
    if (wrong || (waits && locks.length > 1)) throw new StatusError(STATUS.invalidParameter);
    await lockAll(request, open, held, locks);
  }
  return { body: [LOCK.encodeResponse({})], fileId };
};

async function lockAll(
  { pend, signal }: SmbRequest,
  open: Open,
  held: ByteLocks,
  locks: readonly LockElement[],
): Promise<void> {
  const taken: ByteLock[] = [];
  try {
    for (const { offset, length, flags } of locks) {
      const wanted = { holder: open, offset, length, exclusive: (flags & exclusive) !== 0 };
      const waits = (flags & failImmediately) === 0 && held.conflicts(wanted);
      if (waits) {
        pend();
        await held.addLater(wanted, AbortSignal.any([signal, open.closing.signal]));
      } else {
        held.add(wanted);
      }
      taken.push(wanted);
    }
  } catch (error) {
    for (const { offset, length } of taken) held.remove(open, offset, length);
    throw error;
  }
}
