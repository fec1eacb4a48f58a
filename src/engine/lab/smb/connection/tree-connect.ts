import {
  DIALECT,
  SHARE_CAPABILITY,
  SHARE_FLAG,
  SHARE_TYPE,
} from '../../../net/smb/codec/protocol/constants.ts';
import { TREE_CONNECT } from '../../../net/smb/codec/session/tree-connect.ts';
import type { Negotiated } from '../commands/contract/request.ts';
import { SERVER_STATUS as STATUS } from '../contract/server-status.ts';
import { StatusError } from '../contract/status-error.ts';
import { FULL_ACCESS } from '../files/access-masks.ts';
import { mostAccess } from '../files/most-access.ts';
import type { Share } from '../shares/share.ts';
import type { FileServer } from '../sessions/file-server.ts';
import type { Session, Tree } from '../sessions/session.ts';

/** Connects a session to a share (MS-SMB2 3.3.5.7). */
export function treeConnect(
  server: FileServer,
  session: Session,
  { dialect }: Negotiated,
  message: Buffer,
): { readonly tree: Tree; readonly body: Buffer } {
  const { path } = TREE_CONNECT.decodeRequest(message);
  const [, name] = /^\\\\[^\\]+\\([^\\]{1,80})$/.exec(path) ?? [];
  if (name === undefined) throw new StatusError(STATUS.badNetworkName);
  const share = server.share(name);
  if (share?.encrypt === true && session.protection?.encrypts !== true) {
    throw new StatusError(STATUS.accessDenied);
  }
  const tree = session.addTree(share);
  const body = TREE_CONNECT.encodeResponse({
    shareType: share === undefined ? SHARE_TYPE.pipe : SHARE_TYPE.disk,
    shareFlags: share?.encrypt === true && dialect >= DIALECT.smb300 ? SHARE_FLAG.encrypt : 0,
    capabilities: share === undefined || dialect < DIALECT.smb300 ? 0 : capabilities(share),
    maximalAccess: share === undefined ? FULL_ACCESS : mostAccess(share, undefined),
  });
  return { tree, body };
}

function capabilities({ continuous, scaleOut }: Share): number {
  const available = continuous ? SHARE_CAPABILITY.continuousAvailability : 0;
  const nodes = scaleOut ? SHARE_CAPABILITY.scaleOut | SHARE_CAPABILITY.cluster : 0;
  return available | nodes;
}
