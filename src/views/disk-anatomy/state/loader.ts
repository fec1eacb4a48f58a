import type { SectorPiece } from '../../../engine/api/disk-contents.ts';
import { fromBase64 } from '../../common/base64.ts';
import { messageOf, RequestError } from '../../common/frame/channel-client.ts';
import { PieceCache } from '../../common/piece-cache.ts';
import { fill } from '../../common/words/format.ts';
import { TILE_CELLS, type BlockTileKey } from './block-grid.ts';
import { TileCells } from './block-tile.ts';
import { isNotOpen, TIMEOUTS } from './requests.ts';
import type { ViewContext } from './view-context.ts';

/** Size of a chunk of the file, in bytes. */
export const CHUNK = 16_384;
/** Minimum delay before rereading a file that changes all the time. */
const LEAST_REST_MS = 1000;

/** A chunk of the virtual disk. */
interface SectorChunk {
  readonly bytes: Uint8Array;
  /** Origin of each part, in order. */
  readonly pieces: readonly SectorPiece[];
}

interface Told {
  /** Called after the file was read, for the first time or again. */
  readonly onOpened: (again: boolean) => void;
  /** Called when loaded data can be drawn. */
  readonly onLoaded: () => void;
  /** Called with the error and a retry function; '' after a success. */
  readonly onTrouble: (message: string, retry: (() => void) | undefined) => void;
}

/** Opens the file, reopens it after changes, and loads its bytes and the states of its blocks. */
export class Loader {
  readonly bytes: PieceCache<number, Uint8Array>;
  readonly sectors: PieceCache<number, SectorChunk>;
  readonly tiles: PieceCache<BlockTileKey, TileCells>;
  readonly #context: ViewContext;
  readonly #told: Told;
  #opening = false;
  /** The file changed while it was read, or too soon after. */
  #again = false;
  #rest: ReturnType<typeof setTimeout> | undefined;
  /** Whether the file was reopened automatically; done at most once. */
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
    this.sectors = new PieceCache({
      name: String,
      load: async ([index], signal) => [
        [index, await this.readSectors(index * CHUNK, CHUNK, signal)],
      ],
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

  /** Opens the file now, or after the running request and a delay. */
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

  async readSectors(offset: number, length: number, signal?: AbortSignal): Promise<SectorChunk> {
    const { channel, anatomyId } = this.#context;
    const options = { timeoutMs: TIMEOUTS.bytes, ...(signal === undefined ? {} : { signal }) };
    const answer = await channel.request('sectors', { anatomyId, offset, length }, options);
    return { bytes: fromBase64(answer.bytes), pieces: answer.pieces };
  }

  /** Returns the origin of a byte of the virtual disk; undefined while it is loading. */
  pieceAt(offset: number): SectorPiece | undefined {
    const pieces = this.sectors.get(Math.floor(offset / CHUNK))?.pieces;
    return pieces?.find(({ start, length }) => offset >= start && offset < start + length);
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
      this.sectors.clear();
      this.#told.onTrouble('', undefined);
      context.do({ type: 'opened', opened });
      this.#told.onOpened(again);
      void this.#survey(opened.info.anatomyId);
    } catch (error) {
      const code = error instanceof RequestError ? error.info.code : '';
      context.do({ type: 'failed', failure: { code, message: messageOf(error) } });
    }
    this.#opening = false;
    // The delay grows with the duration of reading.
    const rest = Math.max(LEAST_REST_MS, 2 * (performance.now() - began));
    this.#rest = setTimeout(() => {
      this.#rest = undefined;
      if (!this.#again) return;
      this.#again = false;
      this.open();
    }, rest);
  }

  /** Checks the image in the background. An image that was opened again meanwhile is checked again. */
  async #survey(anatomyId: string): Promise<void> {
    const context = this.#context;
    const current = (): boolean => context.anatomyId === anatomyId;
    try {
      const options = { timeoutMs: TIMEOUTS.survey };
      const survey = await context.channel.request('survey', { anatomyId }, options);
      if (current()) context.do({ type: 'surveyed', survey });
    } catch (error) {
      if (!current()) return;
      if (isNotOpen(error)) this.#partFailed(error);
      else context.do({ type: 'notSurveyed', message: messageOf(error) });
    }
  }

  #loaded(): void {
    this.#reopened = false;
    this.#told.onLoaded();
  }

  /** Handles a failed request for a part. Reopens a file that is no longer open in the engine. */
  #partFailed(error: unknown): void {
    if (isNotOpen(error) && !this.#reopened) {
      this.#reopened = true;
      this.#now();
      return;
    }
    const message = fill(this.#context.words.strings.partFailed, messageOf(error));
    this.#told.onTrouble(message, () => this.retry());
  }

  /** Opens the file at once, on the user's request. */
  retry(): void {
    this.#reopened = false;
    this.#now();
  }

  /** Opens without the delay that changes of the file have. */
  #now(): void {
    clearTimeout(this.#rest);
    this.#rest = undefined;
    this.open();
  }
}
