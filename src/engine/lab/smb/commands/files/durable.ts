import {
  CREATE_CONTEXT,
  createContextAnswers,
  findCreateContext,
  readCreateContext,
} from '../../../../net/smb/codec/files/create-context-kinds.ts';
import type { CreateContext } from '../../../../net/smb/codec/files/create-contexts.ts';
import type { CreateRequest } from '../../../../net/smb/codec/files/create.ts';
import { CAPABILITY, DIALECT } from '../../../../net/smb/codec/protocol/constants.ts';
import { SERVER_STATUS as STATUS } from '../../contract/server-status.ts';
import { StatusError } from '../../contract/status-error.ts';
import type { Open } from '../../files/open.ts';
import type { Tree } from '../../sessions/session.ts';
import type { Negotiated, SmbRequest } from '../contract/request.ts';

/**
 * Handles that outlive their connection (MS-SMB2 3.3.5.9.10, 3.3.5.9.12). A durable handle needs an
 * oplock or a lease, which the lab never grants; so only persistent ones exist, on shares that are
 * continuously available.
 */
const PERSISTENT = 2;
/** Milliseconds that a handle waits if the client leaves it to the server, and at most. */
const TIMEOUT = 60_000;
const MOST = 300_000;

/** Grants what the request asks for, if the share offers it. Returns the context of the answer. */
export function grantDurable(
  open: Open,
  { share }: Tree,
  { contexts }: CreateRequest,
  { dialect, clientCapabilities }: Negotiated,
): CreateContext | undefined {
  const data = findCreateContext(contexts, CREATE_CONTEXT.durable2);
  if (data === undefined || dialect < DIALECT.smb300) return undefined;
  const { timeout, flags, createGuid } = readCreateContext.durable2(data);
  const able = (clientCapabilities & CAPABILITY.persistentHandles) !== 0;
  if (share?.continuous !== true || (flags & PERSISTENT) === 0 || !able) return undefined;
  const granted = Math.min(timeout === 0 ? TIMEOUT : timeout, MOST);
  open.durable = { createGuid, timeout: granted };
  return createContextAnswers.durable2({ timeout: granted, flags: PERSISTENT });
}

/** Whether a request opens a handle of a lost connection again. */
export function isReconnect({ contexts }: CreateRequest, { dialect }: Negotiated): boolean {
  if (findCreateContext(contexts, CREATE_CONTEXT.reconnectDurable) !== undefined) return true;
  if (dialect < DIALECT.smb300) return false;
  return findCreateContext(contexts, CREATE_CONTEXT.reconnectDurable2) !== undefined;
}

/** Returns the handle of a lost connection. Throws OBJECT_NAME_NOT_FOUND. */
export function reconnect(
  { server, session, tree }: SmbRequest,
  { contexts }: CreateRequest,
): Open {
  const data = findCreateContext(contexts, CREATE_CONTEXT.reconnectDurable2);
  if (data === undefined) throw new StatusError(STATUS.objectNameNotFound);
  const { fileId, createGuid } = readCreateContext.reconnectDurable2(data);
  return server.reclaim(fileId, createGuid, tree, session.user);
}
