import {
  createContextAnswers,
  CREATE_CONTEXT,
  findCreateContext,
  readCreateContext,
} from '../../../../net/smb/codec/files/create-context-kinds.ts';
import type { CreateContext } from '../../../../net/smb/codec/files/create-contexts.ts';
import { CREATE, type CreateRequest } from '../../../../net/smb/codec/files/create.ts';
import { written } from '../../../../net/smb/codec/protocol/body.ts';
import { CREATE_ACTION, DIALECT, OPLOCK } from '../../../../net/smb/codec/protocol/constants.ts';
import { SERVER_STATUS as STATUS } from '../../contract/server-status.ts';
import { StatusError } from '../../contract/status-error.ts';
import { factsOf } from '../../files/file-times.ts';
import { mostAccess } from '../../files/most-access.ts';
import type { Open } from '../../files/open.ts';
import { openFile, type Opened } from '../../files/open-file.ts';
import { openShared, sharedNameOf } from './open-shared.ts';
import { statsOfOpen } from '../../files/stats-of-open.ts';
import type { Handler, Reply, SmbRequest } from '../contract/request.ts';
import { grantDurable, isReconnect, reconnect } from './durable.ts';

/** CREATE: no oplock is ever granted, so contexts of leases are left without an answer. */
export const create: Handler = async (request) => {
  const wanted = CREATE.decodeRequest(request.message);
  const { server, session, tree, negotiated } = request;
  // The lab has no pipes: nothing is found in their share.
  if (tree.share === undefined) throw new StatusError(STATUS.objectNameNotFound);
  session.requireRoom();
  if (isReconnect(wanted, negotiated)) return reconnected(request, wanted);
  if (findCreateContext(wanted.contexts, CREATE_CONTEXT.timeWarp) !== undefined) {
    // The lab's volume has no previous versions.
    throw new StatusError(STATUS.objectNameNotFound);
  }
  const { share } = tree;
  const { dialect } = negotiated;
  const disks = server.host.sharedDisks;
  const shared = disks.isSupported(share) ? sharedNameOf(wanted, dialect) : undefined;
  const opened = await session.turn.run(
    () =>
      shared === undefined
        ? openFile(server.volume, share, wanted, dialect)
        : openShared(server.volume, share, wanted, { dialect, disks, name: shared }),
    request.signal,
  );
  if (disks.isSupported(share)) await checkOrdinary(request, wanted, opened.open);
  await keep(request, opened.open);
  const durable = grantDurable(opened.open, tree, wanted, negotiated);
  return answer(opened, wanted, durable === undefined ? [] : [durable]);
};

/** An ordinary open may have a context of shared disks; it is ignored unless the disk is shared. */
async function checkOrdinary(
  { server, negotiated }: SmbRequest,
  wanted: CreateRequest,
  open: Open,
): Promise<void> {
  const disks = server.host.sharedDisks;
  const isOrdinary = open.shared === undefined && open.node !== undefined;
  if (!isOrdinary || negotiated.dialect < DIALECT.smb302) return;
  try {
    disks.checkOrdinary(open.node?.local ?? '', wanted);
  } catch (error) {
    await server.volume.close(open);
    throw error;
  }
}

/** Gives an open to its session; closes it if that ended meanwhile: nobody would close it later. */
async function keep({ server, session, tree }: SmbRequest, open: Open): Promise<void> {
  try {
    session.addOpen(tree, open);
  } catch (error) {
    await server.volume.close(open);
    throw error;
  }
}

async function reconnected(request: SmbRequest, wanted: CreateRequest): Promise<Reply> {
  const { tree } = request;
  const open = reconnect(request, wanted);
  await keep(request, open);
  const stats = await statsOfOpen(open, request.server.volume);
  const most = tree.share === undefined ? 0 : mostAccess(tree.share, undefined);
  return answer({ open, action: CREATE_ACTION.opened, stats, most }, wanted, []);
}

function answer(opened: Opened, wanted: CreateRequest, granted: readonly CreateContext[]): Reply {
  const { open, action, stats, most } = opened;
  const contexts = [...granted, ...(open.shared?.contexts ?? [])];
  const asked = (name: string): boolean => findCreateContext(wanted.contexts, name) !== undefined;
  if (asked(CREATE_CONTEXT.maximalAccess)) {
    contexts.push(createContextAnswers.maximalAccess({ status: 0, access: most }));
  }
  if (asked(CREATE_CONTEXT.diskId)) {
    const id = written(16, (to) => to.u64(stats.ino).u64(BigInt.asUintN(32, stats.dev)));
    contexts.push(createContextAnswers.diskId(id));
  }
  const size = findCreateContext(wanted.contexts, CREATE_CONTEXT.allocationSize);
  if (size !== undefined) readCreateContext.allocationSize(size, 'smb.request');
  const body = CREATE.encodeResponse({
    oplock: OPLOCK.none,
    flags: 0,
    action,
    facts: factsOf(stats),
    fileId: open.id,
    contexts,
  });
  return { body: [body], fileId: open.id };
}
