import { COMMAND, FLAG } from '../../../net/smb/codec/protocol/constants.ts';
import type { ChainElement } from '../../../net/smb/codec/protocol/compound.ts';
import { SERVER_STATUS as STATUS } from '../contract/server-status.ts';
import { StatusError } from '../contract/status-error.ts';
import type { Session } from '../sessions/session.ts';

/** Commands that an expired session may still send (MS-SMB2 3.3.5.2.9). */
const OF_EXPIRED: readonly number[] = [COMMAND.logoff, COMMAND.close, COMMAND.lock];

/**
 * Decides whether a session may send a request (MS-SMB2 3.3.5.2.4, 3.3.5.2.9): it is logged in, and the
 * message is encrypted, or signed and not altered. Throws the status that Windows answers.
 */
export function admit(
  session: Session | undefined,
  { header, bytes }: ChainElement,
  isEncrypted: boolean,
): Session {
  if (session === undefined) throw new StatusError(STATUS.userSessionDeleted);
  const { protection } = session;
  if (protection === undefined) throw new StatusError(STATUS.accessDenied);
  if (!isEncrypted) {
    const isSigned = (header.flags & FLAG.signed) !== 0;
    if (!isSigned || !protection.verifies([bytes])) throw new StatusError(STATUS.accessDenied);
    if (session.encrypts) throw new StatusError(STATUS.accessDenied);
  }
  if (session.expired && !OF_EXPIRED.includes(header.command)) {
    throw new StatusError(STATUS.networkSessionExpired);
  }
  return session;
}
