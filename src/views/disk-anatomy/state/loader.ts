import { fromBase64 } from '../../common/base64.ts';
import { messageOf, RequestError } from '../../common/frame/channel-client.ts';
import { PieceCache } from '../../common/piece-cache.ts';
import { fill } from '../../common/words/format.ts';
import { TILE_CELLS, type BlockTileKey } from './block-grid.ts';
import { TileCells } from './block-tile.ts';
import { isNotOpen, TIMEOUTS } from './requests.ts';
import type { ViewContext } from './view-context.ts';

/** Bytes of a chunk of the file. */
export const CHUNK = 16_384;
/** A file that is written to all the time is read again at most this often. */
const LEAST_REST_MS = 1000;

interface Told {
  /** The file was read, for the first time or again. */
  readonly onOpened: (again: boolean) => void;
  /** Something new can be drawn. */
  readonly onLoaded: () => void;
  /** What could not be loaded, and how to try again; '' when all is well. */
  readonly onTrouble: (message: string, retry: (() => void) | undefined) => void;
}

/** Opens the file, opens it again when it has changed, and brings its bytes and the states of its blocks. */
export class Loader {
  readonly bytes: PieceCache<number, Uint8Array>;
  readonly tiles: PieceCache<BlockTileKey, TileCells>;
  readonly #context: ViewContext;
  readonly #told: Told;
  #opening = false;
  /** It changed while it was read, or too soon after. */
  #again = false;
  #rest: ReturnType<typeof setTimeout> | undefined;
  /** Opened again by itself already; once is enough. */
  #reopened = false;

  constructor(context: ViewContext, told: Told) {
    this.#context = context;
    this.#told = told;
    const onFailed = (error: unknown): void => this.#partFailed(error);
    this.bytes = new PieceCache({
      name: String,
      load: async ([index], signal) => [[index, await this.read(index * CHUNK, CHUNK, signal)]],
      capacity: 64,
      onLoaded: () => this.#loaded(),
      onFailed,
    });
    this.tiles = new PieceCache({
      name: ({ perCell, index }) => `${perCell}/${index}`,
      load: async ([key], signal) => [[key, await this.#tile(key, signal)]],
      capacity: 64,
      onLoaded: () => this.#loaded(),
      onFailed,
    });
  }

  /** Now, or once what is under way and a rest are over. */
  open(): void {
    if (this.#opening || this.#rest !== undefined) {
      this.#again = true;
      return;
    }
    this.#opening = true;
    void this.#open();
  }

  async read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array> {
    const { channel, anatomyId } = this.#context;
    const options = { timeoutMs: TIMEOUTS.bytes, ...(signal === undefined ? {} : { signal }) };
    const { bytes } = await channel.request('bytes', { anatomyId, offset, length }, options);
    return fromBase64(bytes);
  }

  async #tile({ perCell, index }: BlockTileKey, signal: AbortSignal): Promise<TileCells> {
    const { channel, anatomyId } = this.#context;
    const from = index * TILE_CELLS * perCell;
    const params = { anatomyId, from, perCell, count: TILE_CELLS };
    const options = { timeoutMs: TIMEOUTS.blocks, signal };
    return new TileCells(await channel.request('blocks', params, options));
  }

  async #open(): Promise<void> {
    const context = this.#context;
    const again = context.model.status === 'open';
    const began = performance.now();
    context.do({ type: 'load' });
    try {
      const opened = await context.channel.request('open', {}, { timeoutMs: TIMEOUTS.open });
      this.bytes.clear();
      this.tiles.clear();
      this.#told.onTrouble('', undefined);
      context.do({ type: 'opened', opened });
      this.#told.onOpened(again);
    } catch (error) {
      const code = error instanceof RequestError ? error.info.code : '';
      context.do({ type: 'failed', failure: { code, message: messageOf(error) } });
    }
    this.#opening = false;
    // The longer it takes, the more of the time it is left alone.
    const rest = Math.max(LEAST_REST_MS, 2 * (performance.now() - began));
    this.#rest = setTimeout(() => {
      this.#rest = undefined;
      if (!this.#again) return;
      this.#again = false;
      this.open();
    }, rest);
  }

  #loaded(): void {
    this.#reopened = false;
    this.#told.onLoaded();
  }

  /** A part did not come. A file that is not open in the engine any more is opened again by itself. */
  #partFailed(error: unknown): void {
    if (isNotOpen(error) && !this.#reopened) {
      this.#reopened = true;
      this.#now();
      return;
    }
    const message = fill(this.#context.words.strings.partFailed, messageOf(error));
    this.#told.onTrouble(message, () => this.retry());
  }

  /** A person asks: there is nothing to wait for. */
  retry(): void {
    this.#reopened = false;
    this.#now();
  }

  /** Without the rest that changes of the file wait for. */
  #now(): void {
    clearTimeout(this.#rest);
    this.#rest = undefined;
    this.open();
  }
}
