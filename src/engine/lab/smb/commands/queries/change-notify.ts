import { CHANGE_NOTIFY } from '../../../../net/smb/codec/queries/change-notify.ts';
import { ACCESS } from '../../../../net/smb/codec/protocol/constants.ts';
import { SERVER_STATUS as STATUS } from '../../contract/server-status.ts';
import { StatusError } from '../../contract/status-error.ts';
import { requireAccess } from '../../files/access-masks.ts';
import { FolderWatch } from '../../files/folder-watch.ts';
import { statusOfSystem } from '../../shares/locate.ts';
import type { Handler } from '../contract/request.ts';

const WATCH_TREE = 1;
const NOTHING = Buffer.alloc(0);

/** CHANGE_NOTIFY (MS-SMB2 3.3.5.19): waits until something in a folder changes. */
export const changeNotify: Handler = async ({ message, openOf, negotiated, pend, signal }) => {
  const { flags, maxOutput, fileId, filter } = CHANGE_NOTIFY.decodeRequest(message);
  const open = openOf(fileId);
  if (open.kind !== 'folder' || open.node === undefined || maxOutput > negotiated.maxBytes) {
    throw new StatusError(STATUS.invalidParameter);
  }
  requireAccess(open.access, ACCESS.readData);
  try {
    open.watch ??= new FolderWatch(open.node.local, filter, (flags & WATCH_TREE) !== 0);
  } catch (error) {
    throw new StatusError(statusOfSystem(error));
  }
  pend();
  const changes = await open.watch
    .take(maxOutput, AbortSignal.any([signal, open.closing.signal]))
    .catch((error: unknown) => {
      if (open.closing.signal.aborted && !signal.aborted) return 'closed' as const;
      throw error;
    });
  if (changes === 'closed') return { status: STATUS.notifyCleanup, body: answer(NOTHING) };
  if (changes === undefined) return { status: STATUS.notifyEnumDir, body: answer(NOTHING) };
  return { body: answer(changes), fileId };
};

const answer = (output: Buffer): Buffer[] => [CHANGE_NOTIFY.encodeResponse({ output })];
