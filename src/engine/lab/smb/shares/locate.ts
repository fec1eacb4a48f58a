import type { BigIntStats } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../../../source/platform/file-errors.ts';
import { SERVER_STATUS as STATUS } from '../contract/server-status.ts';
import { StatusError } from '../contract/status-error.ts';
import type { Share } from './share.ts';
import { linkError } from './link-error.ts';

/** Target of a name. */
export type Located =
  /** A folder that exists only as a name, with the names in it: the root of a drive. */
  | { readonly kind: 'virtual'; readonly entries: readonly string[]; readonly stats: BigIntStats }
  | {
      readonly kind: 'file' | 'folder';
      /** Local path in the spelling of the disk. */
      readonly local: string;
      /** Local path of the contents: a disk in use lies elsewhere. */
      readonly real: string;
      readonly stats: BigIntStats;
    }
  /** A symbolic link itself, for a client that asks for it. */
  | {
      readonly kind: 'link';
      readonly local: string;
      readonly real: string;
      readonly stats: BigIntStats;
    }
  /** Its folder exists. */
  | { readonly kind: 'missing'; readonly local: string };

/** The target of a name that is not a link. */
type Followed = Exclude<Located, { readonly kind: 'link' }>;

/** Returns where the contents of a local path are. */
export type RealPath = (local: string) => string;

/**
 * Follows a name from the root of a share, part by part, without regard to case, and never through a
 * symbolic link. Throws the status of Windows if a folder on the way is missing, a file or a link.
 */
export async function locate(
  share: Share,
  parts: readonly string[],
  realPath: RealPath,
  dialect: number,
): Promise<Followed> {
  const found = await locateOrLink(share, parts, realPath, dialect);
  if (found.kind === 'link') throw await linkError(found.local, [], dialect);
  return found;
}

/** Works as {@link locate}, but returns a link that the name itself is. */
export async function locateOrLink(
  share: Share,
  parts: readonly string[],
  realPath: RealPath,
  dialect: number,
): Promise<Located> {
  const { virtual, local: root, beside = new Map<string, string>() } = share;
  const other = [...beside].find(([name]) => name.toLowerCase() === parts[0]?.toLowerCase())?.[1];
  if (other !== undefined) return follow(other, parts.slice(1), realPath, dialect);
  for (const [at, expected] of virtual.entries()) {
    const part = parts[at];
    if (part === undefined) {
      const entries = at === 0 ? [expected, ...beside.keys()] : [expected];
      return { kind: 'virtual', entries, stats: await statsOf(root) };
    }
    if (part.toLowerCase() !== expected.toLowerCase()) {
      const last = at === parts.length - 1;
      throw new StatusError(last ? STATUS.objectNameNotFound : STATUS.objectPathNotFound);
    }
  }
  return follow(root, parts.slice(virtual.length), realPath, dialect);
}

/** Follows names from a local folder. */
async function follow(
  folder: string,
  names: readonly string[],
  realPath: RealPath,
  dialect: number,
): Promise<Located> {
  let local = folder;
  for (const [at, name] of names.entries()) {
    const found = await findEntry(local, name);
    const last = at === names.length - 1;
    if (found === undefined) {
      if (last) return { kind: 'missing', local: path.join(local, name) };
      throw new StatusError(STATUS.objectPathNotFound);
    }
    local = path.join(local, found);
    const stats = await statsOf(realPath(local));
    if (stats.isSymbolicLink() && last) return { kind: 'link', local, real: local, stats };
    if (stats.isSymbolicLink()) throw await linkError(local, names.slice(at + 1), dialect);
    if (!last && !stats.isDirectory()) throw new StatusError(STATUS.objectPathNotFound);
  }
  const real = realPath(local);
  const stats = await statsOf(real);
  if (stats.isDirectory()) return { kind: 'folder', local, real, stats };
  if (stats.isFile()) return { kind: 'file', local, real, stats };
  // Sockets, pipes and devices of the lab's computer.
  throw new StatusError(STATUS.accessDenied);
}

async function statsOf(local: string): Promise<BigIntStats> {
  try {
    return await fs.lstat(local, { bigint: true });
  } catch (error) {
    throw new StatusError(statusOfSystem(error));
  }
}

/** Returns the spelling of an entry of a folder: the exact one, else one that differs in case only. */
async function findEntry(folder: string, name: string): Promise<string | undefined> {
  const names = await fs.readdir(folder).catch((error: unknown) => {
    throw new StatusError(statusOfSystem(error));
  });
  if (names.includes(name)) return name;
  const wanted = name.toUpperCase();
  return names.find((each) => each.toUpperCase() === wanted);
}

/** Status of a failure of the lab's own file system. */
export function statusOfSystem(error: unknown): number {
  switch (systemCode(error)) {
    case 'ENOENT':
      return STATUS.objectNameNotFound;
    case 'ENOTDIR':
      return STATUS.objectPathNotFound;
    case 'EEXIST':
      return STATUS.objectNameCollision;
    case 'ENOTEMPTY':
      return STATUS.directoryNotEmpty;
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return STATUS.diskFull;
    case 'EMFILE':
    case 'ENFILE':
    case 'ENOMEM':
      return STATUS.insufficientResources;
    case 'EISDIR':
      return STATUS.fileIsADirectory;
    case 'EBUSY':
      return STATUS.sharingViolation;
    case 'ENAMETOOLONG':
      return STATUS.objectNameInvalid;
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ELOOP':
      return STATUS.accessDenied;
    default:
      return STATUS.unsuccessful;
  }
}
