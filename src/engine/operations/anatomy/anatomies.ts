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

/** Open at once; the one that was asked longest ago is closed for another, and its view opens it again. */
const MAX_OPEN = 8;

/** The disk images that anatomy editors look at. Each keeps its file open. */
export class Anatomies {
  /** The least recently used first. */
  readonly #open = new Map<string, OpenAnatomy>();

  async open(
    params: { readonly path: string; readonly followParents: boolean },
    signal: AbortSignal,
  ): Promise<AnatomyInfo> {
    const opened = await OpenAnatomy.open(params.path, params.followParents, signal);
    // Whoever asked is gone, and would never close it.
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

  /** One that is not open is closed already. */
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
      // It was closed for another while this was read.
      if (isEngineError(error, 'source.closed')) throw notOpen(anatomyId);
      throw error;
    }
  }
}

const notOpen = (anatomyId: unknown): Error =>
  anatomyError('anatomy.notOpen', 'This file is not open in the engine any more; open it again', {
    data: { found: String(anatomyId).slice(0, 60) },
  });
