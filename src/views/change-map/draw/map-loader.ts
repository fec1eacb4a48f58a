import type { Page, RangeRow, RowOrder } from '../../../engine/api/change-map.ts';
import { fill } from '../../common/words/format.ts';
import { PieceCache } from '../../common/piece-cache.ts';
import { messageOf } from '../../common/frame/channel-client.ts';
import { isNotOpen, TIMEOUTS } from '../state/requests.ts';
import { DISK_ORDER } from '../state/store.ts';
import { makeTileCache, type TileCache } from '../scene/tile-cache.ts';
import type { ViewContext } from './view-context.ts';

/** Number of rows in a page of the table. */
export const PAGE_ROWS = 200;
/** Maximum number of cached pages. */
const MOST_PAGES = 24;

/** Rows of the table, keyed by page number. */
export type PageCache = PieceCache<number, readonly RangeRow[]>;

interface Told {
  /** Called when loaded data can be drawn. */
  readonly onLoaded: () => void;
  /** Called with the number of rows once it is known; undefined when the frame changes. */
  readonly onRows: (total: number | undefined) => void;
  /** Called with the error and a retry function; '' after a success. */
  readonly onTrouble: (message: string, retry: (() => void) | undefined) => void;
}

/** Opens the map, and loads its tiles and rows. */
export class MapLoader {
  readonly tiles: TileCache;
  readonly pages: PageCache;
  readonly #context: ViewContext;
  readonly #told: Told;
  /** Whether the map was reopened automatically; done at most once. */
  #reopened = false;
  /**
   * Aborts requests for the shown frame when another frame is shown, so that the slider does not
   * leave a queue behind.
   */
  #shown = new AbortController();

  constructor(context: ViewContext, told: Told) {
    this.#context = context;
    this.#told = told;
    const failed = (error: unknown): void => this.#partFailed(error);
    this.tiles = makeTileCache({
      load: (request, signal) => {
        const params = { mapId: context.mapId, ...request };
        return context.channel.request('tiles', params, { timeoutMs: TIMEOUTS.tiles, signal });
      },
      onLoaded: told.onLoaded,
      onFailed: failed,
    });
    this.pages = new PieceCache({
      name: String,
      load: async ([page], signal) => {
        const from = page * PAGE_ROWS;
        const { rows } = await this.#page(context.model.frame, from, PAGE_ROWS, signal);
        return [[page, rows]];
      },
      capacity: MOST_PAGES,
      onLoaded: told.onLoaded,
      onFailed: failed,
    });
  }

  #page(frame: number, from: number, count: number, signal: AbortSignal): Promise<Page> {
    const { channel, mapId } = this.#context;
    const { order } = this.#context.model;
    const params = { mapId, frame, from, count, ...(order === DISK_ORDER ? {} : { order }) };
    return channel.request('page', params, { timeoutMs: TIMEOUTS.page, signal });
  }

  async open(): Promise<void> {
    const context = this.#context;
    const { reference } = context.model;
    this.#told.onTrouble('', undefined);
    context.do({ type: 'load', reference });
    try {
      const info = await context.channel.request(
        'open',
        { reference },
        {
          timeoutMs: TIMEOUTS.open,
          onProgress: (done, total) => context.do({ type: 'progress', done, total }),
        },
      );
      this.tiles.clear();
      context.pane.forgetTiles();
      context.do({ type: 'opened', info });
      this.showFrame(context.model.frame);
    } catch (error) {
      context.do({ type: 'failed', message: messageOf(error) });
    }
  }

  showOrder(order: RowOrder): void {
    this.#context.do({ type: 'order', order });
    this.showFrame(this.#context.model.frame);
  }

  showFrame(frame: number): void {
    const context = this.#context;
    context.do({ type: 'frame', frame });
    const shown = context.model.frame;
    this.pages.clear();
    this.#shown.abort();
    this.#shown = new AbortController();
    const { signal } = this.#shown;
    this.#told.onRows(undefined);
    this.#page(shown, 0, 0, signal).then(
      ({ total, bytes }) => {
        if (context.model.frame !== shown) return;
        this.#reopened = false;
        context.do({ type: 'bytes', frame: shown, bytes });
        this.#told.onRows(total);
      },
      (error: unknown) => {
        if (!signal.aborted) this.#partFailed(error);
      },
    );
  }

  /** Handles a failed request for a part. Reopens a map that the engine has closed for others. */
  #partFailed(error: unknown): void {
    if (isNotOpen(error) && !this.#reopened) {
      this.#reopened = true;
      void this.open();
      return;
    }
    const message = fill(this.#context.words.strings.tilesFailed, messageOf(error));
    this.#told.onTrouble(message, () => {
      this.#reopened = false;
      void this.open();
    });
  }
}
