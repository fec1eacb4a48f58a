import { smbError } from '../../contract/smb-errors.ts';
import {
  CREATE_CONTEXT,
  createContexts,
  findCreateContext,
  readCreateContext,
} from '../../codec/files/create-context-kinds.ts';
import { CLOSE } from '../../codec/files/close.ts';
import { CREATE, IMPERSONATION } from '../../codec/files/create.ts';
import type { FileFacts } from '../../codec/files/file-facts.ts';
import {
  ACCESS,
  ATTRIBUTE,
  CREATE_OPTION,
  DISPOSITION,
  OPLOCK,
  SHARE_ACCESS,
} from '../../codec/protocol/constants.ts';
import type { FileId } from '../../codec/protocol/file-id.ts';
import type { SmbTree } from '../session/smb-tree.ts';
import { statusError } from '../session/status-error.ts';
import { joined } from '../wire/pieces.ts';

/** An open file or folder of a share. */
export interface OpenFile {
  readonly fileId: FileId;
  readonly facts: FileFacts;
  /** Identity on the volume as hexadecimal digits; undefined if the server does not report it. */
  readonly diskId: string | undefined;
  /** Access mask that the account would get at most; undefined if it was not asked for, or unknown. */
  readonly maximalAccess: number | undefined;
}

/** Kinds of opens; each shares reading, writing and deleting with everybody. */
export const OPEN = {
  /** Reads data: what Hyper-V holds open stays undisturbed. */
  read: {
    access: ACCESS.readData | ACCESS.readAttributes | ACCESS.synchronize,
    options: CREATE_OPTION.nonDirectory,
  },
  /** Attributes only: passes whatever others hold open. */
  attributes: { access: ACCESS.readAttributes | ACCESS.synchronize, options: 0 },
  folder: {
    access: ACCESS.readData | ACCESS.readAttributes | ACCESS.synchronize,
    options: CREATE_OPTION.directory,
  },
  /** A file of ours under a name of its own: made, or opened again after a lost answer. */
  write: {
    access:
      ACCESS.readData |
      ACCESS.writeData |
      ACCESS.readAttributes |
      ACCESS.writeAttributes |
      ACCESS.synchronize,
    options: CREATE_OPTION.nonDirectory,
    disposition: DISPOSITION.openIf,
  },
  /** A file that is changed in place. */
  change: {
    access:
      ACCESS.readData |
      ACCESS.writeData |
      ACCESS.readAttributes |
      ACCESS.writeAttributes |
      ACCESS.synchronize,
    options: CREATE_OPTION.nonDirectory,
  },
  newFolder: {
    access: ACCESS.readData | ACCESS.readAttributes | ACCESS.synchronize,
    options: CREATE_OPTION.directory,
    disposition: DISPOSITION.openIf,
  },
  rename: {
    access: ACCESS.delete | ACCESS.readAttributes | ACCESS.synchronize,
    options: CREATE_OPTION.openReparsePoint,
  },
  /** Removes the file or the empty folder when it is closed. */
  remove: {
    access: ACCESS.delete | ACCESS.readAttributes | ACCESS.synchronize,
    options: CREATE_OPTION.deleteOnClose | CREATE_OPTION.openReparsePoint,
  },
} as const;

/** Access and options of an open. */
export interface HowToOpen {
  readonly access: number;
  readonly options: number;
  /** Absent: the file must exist. */
  readonly disposition?: number;
}

/**
 * Opens a file or folder, an existing one unless `how` says otherwise, without oplock, lease or durable handle: a handle that outlived
 * a lost connection would block the merge of a checkpoint. Throws `smb.notFound`, `smb.denied`,
 * `smb.busy`, `smb.redirect` for a link.
 * @param name relative to the share, `\` between its parts; empty: the root
 */
export async function openFile(
  tree: SmbTree,
  name: string,
  how: HowToOpen,
  signal: AbortSignal,
): Promise<OpenFile> {
  const answer = await tree.request(
    CREATE,
    {
      oplock: OPLOCK.none,
      impersonation: IMPERSONATION,
      access: how.access,
      attributes: 0,
      shareAccess: SHARE_ACCESS.all,
      disposition: how.disposition ?? DISPOSITION.open,
      options: how.options,
      name,
      contexts: [createContexts.maximalAccess(), createContexts.diskId()],
    },
    signal,
  );
  const path = pathOf(tree, name);
  if (answer.header.status !== 0) throw statusError('Opening', path, answer.header.status);
  const { fileId, facts, contexts } = CREATE.decodeResponse(joined(answer.pieces));
  const isLink = (facts.attributes & ATTRIBUTE.reparsePoint) !== 0;
  if (isLink && (how.options & CREATE_OPTION.deleteOnClose) === 0) {
    await closeFile(tree, fileId, signal);
    throw smbError('smb.redirect', `${path} is a link, or is kept elsewhere; it is not followed`, {
      data: { path },
    });
  }
  const access = findCreateContext(contexts, CREATE_CONTEXT.maximalAccess);
  const maximal = access === undefined ? undefined : readCreateContext.maximalAccess(access);
  const id = findCreateContext(contexts, CREATE_CONTEXT.diskId);
  return {
    fileId,
    facts,
    diskId: id === undefined ? undefined : readCreateContext.diskId(id),
    maximalAccess: maximal?.status === 0 ? maximal.access : undefined,
  };
}

/** Closes a handle. Throws the reason of the connection's end. */
export async function closeFile(tree: SmbTree, fileId: FileId, signal: AbortSignal): Promise<void> {
  const answer = await tree.request(CLOSE, { flags: 0, fileId }, signal);
  if (answer.header.status !== 0) throw statusError('Closing', tree.path, answer.header.status);
}

export const pathOf = (tree: SmbTree, name: string): string =>
  name === '' ? tree.path : `${tree.path}\\${name}`;
