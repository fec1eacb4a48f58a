import { COMMAND } from '../../../net/smb/codec/protocol/constants.ts';
import { SERVER_STATUS as STATUS } from '../contract/server-status.ts';
import { StatusError } from '../contract/status-error.ts';
import { ioctl } from './controls/ioctl.ts';
import { close } from './files/close.ts';
import { create } from './files/create.ts';
import { flush } from './files/flush.ts';
import { lock } from './files/lock.ts';
import { read } from './files/read.ts';
import { write } from './files/write.ts';
import { changeNotify } from './queries/change-notify.ts';
import { queryDirectory } from './queries/query-directory.ts';
import { queryInfo } from './queries/query-info.ts';
import { setInfo } from './queries/set-info.ts';
import type { Handler } from './contract/request.ts';

/** No oplock is ever granted, so none can be acknowledged. */
const oplockBreak: Handler = async () => {
  throw new StatusError(STATUS.invalidOplockProtocol);
};

/** Commands that concern a share, by number. `connection` answers all others. */
export const HANDLERS: ReadonlyMap<number, Handler> = new Map<number, Handler>([
  [COMMAND.create, create],
  [COMMAND.close, close],
  [COMMAND.flush, flush],
  [COMMAND.read, read],
  [COMMAND.write, write],
  [COMMAND.lock, lock],
  [COMMAND.ioctl, ioctl],
  [COMMAND.queryDirectory, queryDirectory],
  [COMMAND.changeNotify, changeNotify],
  [COMMAND.queryInfo, queryInfo],
  [COMMAND.setInfo, setInfo],
  [COMMAND.oplockBreak, oplockBreak],
]);
