import { IOCTL } from '../../../net/smb/codec/files/ioctl.ts';
import { READ } from '../../../net/smb/codec/files/read.ts';
import { WRITE } from '../../../net/smb/codec/files/write.ts';
import { COMMAND, CREDIT_BYTES } from '../../../net/smb/codec/protocol/constants.ts';
import { CHANGE_NOTIFY } from '../../../net/smb/codec/queries/change-notify.ts';
import { QUERY_DIRECTORY } from '../../../net/smb/codec/queries/query-directory.ts';
import { QUERY_INFO } from '../../../net/smb/codec/queries/query-info.ts';
import { SET_INFO } from '../../../net/smb/codec/queries/set-info.ts';

/** Bytes that a request sends and that its answer may have at most (MS-SMB2 3.3.5.2.5). */
export interface PayloadBytes {
  readonly sent: number;
  readonly answered: number;
}

const NOTHING: PayloadBytes = { sent: 0, answered: 0 };

/** Returns the bytes of a request's payload. Throws `smb.request` if it cannot be read. */
export function payloadOf(command: number, message: Buffer): PayloadBytes {
  switch (command) {
    case COMMAND.read:
      return { sent: 0, answered: READ.decodeRequest(message).length };
    case COMMAND.write:
      return { sent: WRITE.decodeRequest(message).data.length, answered: 0 };
    case COMMAND.ioctl: {
      const { input, maxInputResponse, maxOutputResponse } = IOCTL.decodeRequest(message);
      return { sent: input.length, answered: maxInputResponse + maxOutputResponse };
    }
    case COMMAND.queryDirectory:
      return { sent: 0, answered: QUERY_DIRECTORY.decodeRequest(message).maxOutput };
    case COMMAND.changeNotify:
      return { sent: 0, answered: CHANGE_NOTIFY.decodeRequest(message).maxOutput };
    case COMMAND.queryInfo: {
      const { input, maxOutput } = QUERY_INFO.decodeRequest(message);
      return { sent: input.length, answered: maxOutput };
    }
    case COMMAND.setInfo:
      return { sent: SET_INFO.decodeRequest(message).input.length, answered: 0 };
    default:
      return NOTHING;
  }
}

/** Returns the credits that a payload costs. */
export const chargeFor = ({ sent, answered }: PayloadBytes): number =>
  1 + Math.floor(Math.max(0, Math.max(sent, answered) - 1) / CREDIT_BYTES);
