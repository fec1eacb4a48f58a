import { isEngineError } from '../../../../base/errors.ts';
import type { ByteStorage, PartWriter } from '../../../../source/byte-source.ts';
import type { FileWriting } from '../../../../source/files/file-writing.ts';
import { smbError } from '../../contract/smb-errors.ts';
import { STATUS } from '../../status/nt-status.ts';
import { freeSpace } from '../files/free-space.ts';
import { closeFile, OPEN, openFile } from '../files/open-file.ts';
import { renameOpen } from '../files/write-file.ts';
import { SmbPart } from '../link/smb-part.ts';
import { SmbStorage } from '../link/smb-storage.ts';
import type { SmbTree } from '../session/smb-tree.ts';
import type { SmbServers } from './smb-servers.ts';

/** Files of servers that are made here, by UNC paths. Throws `smb.*`, `http.auth.*`. */
export class SmbWriting implements FileWriting {
  readonly #servers: SmbServers;

  constructor(servers: SmbServers) {
    this.#servers = servers;
  }

  async createFolder(path: string, signal: AbortSignal): Promise<void> {
    const { link, share, path: name } = this.#servers.placeOf(path);
    const parts = name.split('\\').filter((part) => part !== '');
    let missing = 0;
    // From below: the account may see nothing of the folders above.
    while (missing < parts.length) {
      const folder = parts.slice(0, parts.length - missing).join('\\');
      try {
        await link.stat(share, folder, signal);
        break;
      } catch (error) {
        if (!isEngineError(error, 'smb.notFound')) throw error;
        missing++;
      }
    }
    for (let count = parts.length - missing + 1; count <= parts.length; count++) {
      const folder = parts.slice(0, count).join('\\');
      const make = async (tree: SmbTree): Promise<void> => {
        const { fileId } = await openFile(tree, folder, OPEN.newFolder, signal);
        await closeFile(tree, fileId, signal);
      };
      await link.run(share, make, signal);
    }
  }

  create(path: string, signal: AbortSignal): Promise<PartWriter> {
    const { link, share, path: name } = this.#servers.placeOf(path);
    return SmbPart.create(link, share, name, signal);
  }

  change(path: string, signal: AbortSignal): Promise<ByteStorage> {
    const { link, share, path: name } = this.#servers.placeOf(path);
    return SmbStorage.open(link, share, name, signal);
  }

  async rename(from: string, to: string, signal: AbortSignal): Promise<boolean> {
    const { link, share, path: name } = this.#servers.placeOf(from);
    const target = this.#servers.placeOf(to);
    if (target.link !== link || target.share.toLowerCase() !== share.toLowerCase()) {
      throw smbError('smb.address', `${to} is not in the share of ${from}`, { data: { path: to } });
    }
    let attempts = 0;
    const rename = async (tree: SmbTree): Promise<boolean> => {
      attempts++;
      let fileId;
      try {
        ({ fileId } = await openFile(tree, name, OPEN.rename, signal));
      } catch (error) {
        // The answer to an earlier attempt was lost.
        if (attempts > 1 && isEngineError(error, 'smb.notFound')) return true;
        throw error;
      }
      try {
        await renameOpen(tree, fileId, from, target.path, signal);
        return true;
      } catch (error) {
        if (isTaken(error)) return false;
        throw error;
      } finally {
        await closeFile(tree, fileId, signal).catch(() => undefined);
      }
    };
    return link.run(share, rename, signal);
  }

  freeBytes(folder: string, signal: AbortSignal): Promise<number> {
    const { link, share, path: name } = this.#servers.placeOf(folder);
    return link.run(share, (tree) => freeSpace(tree, name, signal), signal);
  }
}

const isTaken = (error: unknown): boolean =>
  isEngineError(error) && error.data['status'] === STATUS.objectNameCollision;
