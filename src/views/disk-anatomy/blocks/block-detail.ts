import type { AnatomyInfo, BlockPlace } from '../../../engine/api/anatomy.ts';
import { messageOf } from '../../common/frame/channel-client.ts';
import { button, element, setText } from '../../common/dom.ts';
import { fill } from '../../common/words/format.ts';
import { LatestOnly } from '../../common/latest-only.ts';
import { hexOffset } from '../../common/hex/hex-format.ts';
import { TIMEOUTS } from '../state/requests.ts';
import type { ViewContext } from '../state/view-context.ts';

const REST_MS = 120;

/**
 * The focused block: its location on the disk, and the locations of its entry and its data in the
 * file.
 */
export class BlockDetail {
  readonly root: HTMLElement;
  readonly #context: ViewContext;
  readonly #text = element('span', { class: 'grow' });
  readonly #data: HTMLButtonElement;
  readonly #asking = new LatestOnly(REST_MS);
  #shown: readonly unknown[] = [];

  constructor(context: ViewContext) {
    this.#context = context;
    const { strings } = context.words;
    this.#data = button(strings.showData, () => this.toData());
    const entry = button(strings.showEntry, () => this.toEntry());
    this.root = element('div', { class: 'block-detail' }, this.#text, entry, this.#data);
  }

  draw(info: AnatomyInfo): void {
    const { block } = this.#context.model;
    const shown = [info, block];
    if (shown.every((each, i) => each === this.#shown[i])) return;
    this.#shown = shown;
    this.#say(info, block, null);
    this.#asking.ask(async (signal) => {
      const { data } = await this.#lookUp(block, signal);
      this.#say(info, block, data?.offset ?? null);
    });
  }

  /**
   * Jumps to the data of the block, if it is in the file. Queries it again, since the previous
   * answer may still be pending.
   */
  toData(): void {
    this.#jump('data');
  }

  /** Jumps to the entry of the block in the table. */
  toEntry(): void {
    this.#jump('entry');
  }

  #jump(what: keyof BlockPlace): void {
    this.#lookUp(this.#context.model.block).then(
      (found) => {
        const place = found[what];
        if (place !== null) this.#context.jump(place.offset, place.length);
      },
      (error: unknown) => this.#context.say(messageOf(error)),
    );
  }

  #lookUp(block: number, signal?: AbortSignal): Promise<BlockPlace> {
    const { channel, anatomyId } = this.#context;
    const options = { timeoutMs: TIMEOUTS.blocks, ...(signal === undefined ? {} : { signal }) };
    return channel.request('block', { anatomyId, block }, options);
  }

  #say({ blockSize }: AnatomyInfo, block: number, dataAt: number | null): void {
    const { strings, format } = this.#context.words;
    const size = blockSize ?? 0;
    const parts = [
      fill(strings.blockOne, format.count(block)),
      fill(strings.blockDisk, format.bytes(size), format.bytes(block * size)),
    ];
    if (dataAt !== null) parts.push(fill(strings.blockData, hexOffset(dataAt)));
    setText(this.#text, parts.join(' · '));
    this.#data.disabled = dataAt === null;
  }
}
