import { CHANGE_NOTIFY } from './queries/change-notify.ts';
import { QUERY_DIRECTORY } from './queries/query-directory.ts';
import { QUERY_INFO } from './queries/query-info.ts';
import { SET_INFO } from './queries/set-info.ts';
import { CLOSE } from './files/close.ts';
import { CREATE } from './files/create.ts';
import { FLUSH } from './files/flush.ts';
import { IOCTL } from './files/ioctl.ts';
import { LOCK } from './files/lock.ts';
import { OPLOCK_BREAK } from './files/oplock-break.ts';
import { READ } from './files/read.ts';
import { WRITE } from './files/write.ts';
import { CANCEL } from './session/cancel.ts';
import { ECHO } from './session/echo.ts';
import { LOGOFF } from './session/logoff.ts';
import { NEGOTIATE } from './session/negotiate.ts';
import { SESSION_SETUP } from './session/session-setup.ts';
import { TREE_CONNECT } from './session/tree-connect.ts';
import { TREE_DISCONNECT } from './session/tree-disconnect.ts';

/**
 * Every command of SMB 2 and 3, at its number. The codec has no input or output: client and server
 * use it alike. Start with `protocol/command.ts` and `protocol/header.ts`; one file per command follows
 * in `session`, `files` and `queries`.
 */
export const COMMANDS = [
  NEGOTIATE,
  SESSION_SETUP,
  LOGOFF,
  TREE_CONNECT,
  TREE_DISCONNECT,
  CREATE,
  CLOSE,
  FLUSH,
  READ,
  WRITE,
  LOCK,
  IOCTL,
  CANCEL,
  ECHO,
  QUERY_DIRECTORY,
  CHANGE_NOTIFY,
  QUERY_INFO,
  SET_INFO,
  OPLOCK_BREAK,
] as const;
