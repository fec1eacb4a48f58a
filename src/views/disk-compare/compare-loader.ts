import type { SectorPiece } from '../../engine/api/disk-contents.ts';
import type { CompareSide } from '../api/disk-compare.ts';
import { fromBase64 } from '../common/base64.ts';
import { messageOf, RequestError } from '../common/frame/channel-client.ts';
import { PieceCache } from '../common/piece-cache.ts';
import { fill } from '../common/words/format.ts';
import { SIDES } from './state/compare-words.ts';
import { isNotOpen, TIMEOUTS, type CompareContext } from './state/requests.ts';
import { sizeOf } from './state/store.ts';

/** Size of a chunk of a disk, in bytes. */
const CHUNK = 16_384;
/** Number of ranges of the first answer, which is wanted soon, and of the following ones. */
const FIRST = 100;
const MOST = 1000;

interface Chunk {
  readonly bytes: Uint8Array;
  readonly pieces: readonly SectorPiece[];
}

interface Told {
  /** Called after the images were read, for the first time or again. */
  readonly onOpened: (again: boolean) => void;
  readonly onLoaded: () => void;
  /** Called with the error and a retry function; '' after a success. */
  readonly onTrouble: (message: string, retry: (() => void) | undefined) => void;
}

/** Opens both images, loads their sectors, and asks for the differences. */
export class CompareLoader {
  readonly #context: CompareContext;
  readonly #told: Told;
  readonly #sectors: Readonly<Record<CompareSide, PieceCache<number, Chunk>>>;
  #comparing: AbortController | undefined;
  #opening = false;
  #again = false;
  /** Whether the images were reopened automatically; done at most once. */
  #reopened = false;

  constructor(context: CompareContext, told: Told) {
    this.#context = context;
    this.#told = told;
    this.#sectors = { left: this.#cache('left'), right: this.#cache('right') };
  }

  /** Changes whenever there are new bytes to draw. */
  get version(): string {
    return `${this.#sectors.left.version} ${this.#sectors.right.version}`;
  }

  /**
   * Opens the images; a request during an opening is carried out after it. Compares them from the
   * start.
   */
  open(): void {
    if (this.#opening) {
      this.#again = true;
      return;
    }
    this.#opening = true;
    this.#again = false;
    void this.#open().finally(() => {
      this.#opening = false;
      if (this.#again) this.open();
    });
  }

  /** Opens the images at the person's request. */
  retry(): void {
    this.#reopened = false;
    this.open();
  }

  /** Continues the comparison. Returns whether it brought new ranges. */
  async compare(): Promise<boolean> {
    const context = this.#context;
    const { opened, next, ranges } = context.model;
    if (opened === undefined || next === null || this.#comparing !== undefined) return false;
    const running = new AbortController();
    this.#comparing = running;
    const { left, right } = opened.images;
    const current = (): boolean => context.model.opened === opened;
    context.do({ type: 'comparing', comparing: { type: 'running', done: 0, total: 0 } });
    try {
      const answer = await context.channel.request(
        'differences',
        {
          anatomyId: left.anatomyId,
          otherId: right.anatomyId,
          from: next,
          count: ranges.length === 0 ? FIRST : MOST,
        },
        {
          timeoutMs: TIMEOUTS.differences,
          signal: running.signal,
          onProgress: (done, total) => {
            if (!current() || running.signal.aborted) return;
            context.do({ type: 'comparing', comparing: { type: 'running', done, total } });
          },
        },
      );
      if (!current()) return false;
      context.do({ type: 'compared', answer });
      return answer.ranges.length > 0;
    } catch (error) {
      if (!current()) return false;
      if (running.signal.aborted) {
        context.do({ type: 'comparing', comparing: { type: 'cancelled' } });
      } else if (isNotOpen(error)) this.#failed(error);
      else {
        const comparing = { type: 'failed', message: messageOf(error) } as const;
        context.do({ type: 'comparing', comparing });
      }
      return false;
    } finally {
      if (this.#comparing === running) this.#comparing = undefined;
    }
  }

  cancel(): void {
    this.#comparing?.abort();
  }

  /** Returns bytes of one chunk, which a row never crosses, up to the end of the disk. */
  bytes(side: CompareSide, offset: number, count: number): readonly (number | undefined)[] {
    const image = this.#context.model.opened?.images[side];
    const there = Math.max(0, Math.min(count, (image === undefined ? 0 : sizeOf(image)) - offset));
    const chunk = this.#sectors[side].get(Math.floor(offset / CHUNK))?.bytes;
    const at = offset % CHUNK;
    return Array.from({ length: there }, (_, i) => chunk?.[at + i]);
  }

  /** Whether a byte lies in a part that cannot be read. */
  isLost(side: CompareSide, offset: number): boolean {
    const pieces = this.#sectors[side].get(Math.floor(offset / CHUNK))?.pieces ?? [];
    return pieces.some(
      ({ start, length, kind }) => kind === 'lost' && offset >= start && offset < start + length,
    );
  }

  /** Loads the chunks in view, and that of the selected byte. */
  want(side: CompareSide, start: number, end: number): void {
    const { marked, opened } = this.#context.model;
    const size = opened === undefined ? 0 : sizeOf(opened.images[side]);
    const chunks = new Set<number>();
    for (let at = Math.floor(start / CHUNK); at * CHUNK < Math.min(end, size); at++) chunks.add(at);
    if (marked.offset < size) chunks.add(Math.floor(marked.offset / CHUNK));
    this.#sectors[side].want([...chunks]);
  }

  async read(side: CompareSide, offset: number, length: number): Promise<Uint8Array> {
    return (await this.#read(side, offset, length)).bytes;
  }

  async #read(
    side: CompareSide,
    offset: number,
    length: number,
    signal?: AbortSignal,
  ): Promise<Chunk> {
    const { channel, model } = this.#context;
    const anatomyId = model.opened?.images[side].anatomyId ?? '';
    const options = { timeoutMs: TIMEOUTS.sectors, ...(signal === undefined ? {} : { signal }) };
    const { bytes, pieces } = await channel.request(
      'sectors',
      { anatomyId, offset, length },
      options,
    );
    return { bytes: fromBase64(bytes), pieces };
  }

  #cache(side: CompareSide): PieceCache<number, Chunk> {
    return new PieceCache({
      name: String,
      load: async ([index], signal) => [
        [index, await this.#read(side, index * CHUNK, CHUNK, signal)],
      ],
      capacity: 64,
      onLoaded: () => {
        this.#reopened = false;
        this.#told.onLoaded();
      },
      onFailed: (error) => this.#failed(error),
    });
  }

  async #open(): Promise<void> {
    const context = this.#context;
    const again = context.model.status === 'open';
    this.cancel();
    this.#comparing = undefined;
    context.do({ type: 'load' });
    try {
      const opened = await context.channel.request('open', {}, { timeoutMs: TIMEOUTS.open });
      for (const side of SIDES) this.#sectors[side].clear();
      this.#told.onTrouble('', undefined);
      context.do({ type: 'opened', opened });
      this.#told.onOpened(again);
      for (const side of SIDES) void this.#survey(side, opened.images[side].anatomyId);
    } catch (error) {
      const code = error instanceof RequestError ? error.info.code : '';
      context.do({ type: 'failed', failure: { code, message: messageOf(error) } });
    }
  }

  /** Finds lost parts in the background. A failure is not shown: what it means, reading shows too. */
  async #survey(side: CompareSide, anatomyId: string): Promise<void> {
    const context = this.#context;
    try {
      const options = { timeoutMs: TIMEOUTS.survey };
      const survey = await context.channel.request('survey', { anatomyId }, options);
      if (context.model.opened?.images[side].anatomyId !== anatomyId) return;
      context.do({ type: 'surveyed', side, survey });
    } catch {
      return;
    }
  }

  #failed(error: unknown): void {
    if (isNotOpen(error) && !this.#reopened) {
      this.#reopened = true;
      this.open();
      return;
    }
    const message = fill(this.#context.words.strings.partFailed, messageOf(error));
    this.#told.onTrouble(message, () => this.retry());
  }
}
