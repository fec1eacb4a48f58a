import type {
  AnatomyInfo,
  BlockTile,
  BlockTileRequest,
  BytesAnswer,
  BytesRequest,
} from '../../api/anatomy.ts';
import { isEngineError } from '../../base/errors.ts';
import { newGuid } from '../../base/guid.ts';
import { anatomyError } from '../../disk/anatomy/model/anatomy-errors.ts';
import { OpenAnatomy } from './open-anatomy.ts';

/**
 * Maximum number of open files. The least recently used one is closed; its view opens it again on
 * the next request.
 */
const MAX_OPEN = 8;

/** The disk images shown in anatomy editors. Each keeps its file open. */
export class Anatomies {
  /** Least recently used first. */
  readonly #open = new Map<string, OpenAnatomy>();

  async open(
    params: { readonly path: string; readonly followParents: boolean },
    signal: AbortSignal,
  ): Promise<AnatomyInfo> {
    const opened = await OpenAnatomy.open(params.path, params.followParents, signal);
    // The caller was cancelled and would never close the file.
    if (signal.aborted) await opened.close();
    signal.throwIfAborted();
    const anatomyId = newGuid();
    this.#open.set(anatomyId, opened);
    for (const oldest of this.#open.keys()) {
      if (this.#open.size <= MAX_OPEN) break;
      await this.close(oldest);
    }
    return opened.info(anatomyId);
  }

  blocks(request: BlockTileRequest, signal: AbortSignal): Promise<BlockTile> {
    return this.#use(request.anatomyId, (opened) => opened.blocks(request, signal));
  }

  bytes(request: BytesRequest, signal: AbortSignal): Promise<BytesAnswer> {
    return this.#use(request.anatomyId, (opened) => opened.bytes(request, signal));
  }

  /** Closes a file; does nothing if it is not open. */
  async close(anatomyId: string): Promise<void> {
    const opened = this.#open.get(anatomyId);
    this.#open.delete(anatomyId);
    await opened?.close();
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((id) => this.close(id)));
  }

  async #use<T>(anatomyId: string, work: (opened: OpenAnatomy) => Promise<T>): Promise<T> {
    const opened = this.#open.get(anatomyId);
    if (opened === undefined) throw notOpen(anatomyId);
    this.#open.delete(anatomyId);
    this.#open.set(anatomyId, opened);
    try {
      return await work(opened);
    } catch (error) {
      // The file was closed to make room for another one during the read.
      if (isEngineError(error, 'source.closed')) throw notOpen(anatomyId);
      throw error;
    }
  }
}

const notOpen = (anatomyId: unknown): Error =>
  anatomyError('anatomy.notOpen', 'The engine has closed this file; open it again', {
    data: { found: String(anatomyId).slice(0, 60) },
  });
