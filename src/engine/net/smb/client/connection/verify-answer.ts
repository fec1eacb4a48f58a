import { smbError } from '../../contract/smb-errors.ts';
import { commandName } from '../../codec/command-name.ts';
import { FLAG } from '../../codec/protocol/constants.ts';
import type { SmbHeader } from '../../codec/protocol/header.ts';
import type { SessionProtection } from '../../crypto/session-protection.ts';
import { describeStatus, STATUS } from '../../status/nt-status.ts';
import type { Pieces } from '../wire/pieces.ts';
import type { Pending } from './pending.ts';

/** Statuses of a session that the server does not have any more, so it has no key to sign with. */
const GONE: readonly number[] = [
  STATUS.userSessionDeleted,
  STATUS.networkSessionExpired,
  STATUS.networkNameDeleted,
];

/** Whether a response announces that the final one comes later. */
export const isInterim = ({ status, flags }: SmbHeader): boolean =>
  status === STATUS.pending && (flags & FLAG.async) !== 0;

/**
 * Checks that a response is one to this request, and as protected as it. Interim responses are not
 * signed by every server (MS-SMB2 3.2.5.1.3); they carry nothing but an id. Throws `smb.answer`,
 * `smb.unprotected`, `smb.signature`, and `smb.lost` for an unsigned statement that the session is gone,
 * which ends the connection and proves nothing else.
 */
export function verifyAnswer(
  pending: Pending,
  header: SmbHeader,
  pieces: Pieces,
  encrypted: boolean,
  protection: SessionProtection | undefined,
): void {
  const name = commandName(pending.command);
  if ((header.flags & FLAG.response) === 0 || header.command !== pending.command) {
    throw smbError(
      'smb.answer',
      `${name} was answered by ${commandName(header.command)}, or by a request`,
      { data: { found: header.command, expected: pending.command } },
    );
  }
  if (pending.protection === 'plain' || encrypted) return;
  if (pending.protection === 'signed' && isInterim(header)) return;
  const isSigned = (header.flags & FLAG.signed) !== 0;
  const mayBeSigned = pending.protection === 'signed' && header.sessionId === pending.sessionId;
  if (mayBeSigned && isSigned && protection?.verifies(pieces) === true) return;
  if (GONE.includes(header.status)) {
    throw smbError('smb.lost', `The file server says that ${describeStatus(header.status)}`, {
      data: { status: header.status },
    });
  }
  if (isSigned && mayBeSigned) {
    throw smbError('smb.signature', `The signature of the answer to ${name} is wrong`, {
      data: { command: name, status: header.status },
    });
  }
  throw smbError(
    'smb.unprotected',
    `The answer to ${name} is not ${pending.protection} as its request was`,
    { data: { command: name, expected: pending.protection } },
  );
}
