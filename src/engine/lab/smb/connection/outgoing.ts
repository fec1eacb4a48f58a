import { Buffer } from 'node:buffer';
import { padTo8 } from '../../../net/smb/codec/protocol/body.ts';
import { FLAG } from '../../../net/smb/codec/protocol/constants.ts';
import { framePrefix } from '../../../net/smb/codec/protocol/frame.ts';
import {
  encodeHeader,
  SIGNATURE_OFFSET,
  type SmbHeader,
} from '../../../net/smb/codec/protocol/header.ts';
import type { AnswerFault } from '../sessions/smb-host.ts';
import type { Session } from '../sessions/session.ts';

const NEXT_COMMAND = 20;

/** An answer that is ready to be sent. */
export interface Outgoing {
  readonly header: SmbHeader;
  readonly body: readonly Buffer[];
  /** Session whose key signs it; undefined: it is not signed. */
  readonly signedBy: Session | undefined;
  /** Takes the message as it is sent. */
  readonly sent?: (message: Buffer) => void;
}

/**
 * Returns the pieces of one frame with these answers: linked, signed one by one, or encrypted as a
 * whole for `encryptedBy`.
 */
export function frameOf(
  answers: readonly Outgoing[],
  encryptedBy: Session | undefined,
  fault: AnswerFault | undefined,
): readonly Buffer[] {
  const plain = fault === 'plain';
  const sealer = plain ? undefined : encryptedBy?.protection;
  const [only] = answers;
  const messages =
    sealer !== undefined && only !== undefined && answers.length === 1
      ? [headerOf(only), ...only.body]
      : answers.map((answer, at) => {
          const last = at === answers.length - 1;
          const message = joined(answer, last);
          if (sealer === undefined && !plain) answer.signedBy?.protection?.sign(message);
          answer.sent?.(message);
          return message;
        });
  const content = sealer === undefined ? messages : sealer.encrypt(messages);
  if (fault === 'altered') alter(content[0] as Buffer, sealer !== undefined);
  const length = content.reduce((sum, piece) => sum + piece.length, 0);
  return [framePrefix(length), ...content];
}

const headerOf = ({ header }: Outgoing): Buffer =>
  encodeHeader({ ...header, flags: header.flags | FLAG.response });

function joined(answer: Outgoing, last: boolean): Buffer {
  const message = Buffer.concat([headerOf(answer), ...answer.body]);
  if (last) return message;
  const padded = padTo8(message);
  padded.writeUInt32LE(padded.length, NEXT_COMMAND);
  return padded;
}

/** Changes one bit of the signature of a message, or of the tag of an encrypted one. */
function alter(first: Buffer, encrypted: boolean): void {
  const at = encrypted ? 4 : SIGNATURE_OFFSET;
  first[at] = (first[at] ?? 0) ^ 1;
}
