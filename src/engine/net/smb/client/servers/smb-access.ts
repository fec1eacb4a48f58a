import { isEngineError } from '../../../../base/errors.ts';
import type { ByteSource } from '../../../../source/byte-source.ts';
import type {
  FileAccess,
  FileEntry,
  FileFacts,
  FileKind,
} from '../../../../source/files/file-access.ts';
import { ACCESS, ATTRIBUTE } from '../../codec/protocol/constants.ts';
import { smbError } from '../../contract/smb-errors.ts';
import { SmbFile } from '../link/smb-file.ts';
import type { SmbServers } from './smb-servers.ts';

/** Folders within folders that a removal follows. */
const MAX_DEPTH = 64;

/**
 * The files of servers, by UNC paths. A link is not followed: looking it up or opening it throws
 * `smb.redirect`. Throws `smb.*`, `http.auth.*`.
 */
export class SmbAccess implements FileAccess {
  readonly flavour = 'win32';
  readonly #servers: SmbServers;

  constructor(servers: SmbServers) {
    this.#servers = servers;
  }

  async open(path: string, signal: AbortSignal): Promise<ByteSource> {
    const { link, share, path: name } = this.#servers.placeOf(path);
    return SmbFile.open(link, share, name, signal);
  }

  async stat(path: string, signal: AbortSignal): Promise<FileFacts | undefined> {
    const { link, share, path: name } = this.#servers.placeOf(path);
    const found = await orAbsent(link.stat(share, name, signal));
    if (found === undefined) return undefined;
    const { facts, maximalAccess } = found;
    const readable = maximalAccess === undefined ? null : (maximalAccess & ACCESS.readData) !== 0;
    return {
      kind: kindOf(facts.attributes),
      size: facts.endOfFile,
      isLink: false,
      changed: `${facts.writeTime} ${facts.changeTime}`,
      readable,
    };
  }

  async list(path: string, signal: AbortSignal): Promise<readonly FileEntry[] | undefined> {
    const { link, share, path: name } = this.#servers.placeOf(path);
    const entries = await orAbsent(link.list(share, name, signal));
    return entries?.map((entry) => ({ name: entry.name, kind: kindOf(entry.facts.attributes) }));
  }

  async remove(path: string, signal: AbortSignal): Promise<void> {
    await this.#remove(path, await this.#kindOf(path, signal), 0, signal);
  }

  async #remove(
    path: string,
    kind: FileKind | undefined,
    depth: number,
    signal: AbortSignal,
  ): Promise<void> {
    if (kind === undefined) return;
    if (kind === 'folder') {
      if (depth > MAX_DEPTH) {
        throw smbError('smb.failed', `${path} has more than ${MAX_DEPTH} folders within folders`, {
          data: { path },
        });
      }
      for (const each of (await this.list(path, signal)) ?? []) {
        await this.#remove(`${path}\\${each.name}`, each.kind, depth + 1, signal);
      }
    }
    const { link, share, path: name } = this.#servers.placeOf(path);
    await orAbsent(link.remove(share, name, signal));
  }

  async #kindOf(path: string, signal: AbortSignal): Promise<FileKind | undefined> {
    try {
      return (await this.stat(path, signal))?.kind;
    } catch (error) {
      if (isEngineError(error, 'smb.redirect')) return 'other';
      throw error;
    }
  }
}

function kindOf(attributes: number): FileKind {
  if ((attributes & ATTRIBUTE.reparsePoint) !== 0) return 'other';
  return (attributes & ATTRIBUTE.directory) !== 0 ? 'folder' : 'file';
}

async function orAbsent<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isEngineError(error, 'smb.notFound')) return undefined;
    throw error;
  }
}
