import type { AnatomyInfo } from '../../../engine/api/anatomy.ts';
import { messageOf } from '../../common/frame/channel-client.ts';
import { button, element, setText } from '../../common/dom.ts';
import { fill } from '../../common/words/format.ts';
import { LatestOnly } from '../../common/latest-only.ts';
import { dataOffset, entryOffset, ENTRY_SIZE } from './block-entry.ts';
import { hexOffset } from '../../common/hex/hex-format.ts';
import type { Loader } from '../state/loader.ts';
import type { ViewContext } from '../state/view-context.ts';

const REST_MS = 120;

/**
 * The focused block: its location on the disk, and the locations of its entry and its data in the
 * file.
 */
export class BlockDetail {
  readonly root: HTMLElement;
  readonly #context: ViewContext;
  readonly #loader: Loader;
  readonly #text = element('span', { class: 'grow' });
  readonly #data: HTMLButtonElement;
  readonly #asking = new LatestOnly(REST_MS);
  #shown: readonly unknown[] = [];

  constructor(context: ViewContext, loader: Loader) {
    this.#context = context;
    this.#loader = loader;
    const { strings } = context.words;
    this.#data = button(strings.showData, () => this.toData());
    const entry = button(strings.showEntry, () => this.#toEntry());
    this.root = element('div', { class: 'block-detail' }, this.#text, entry, this.#data);
  }

  draw(info: AnatomyInfo): void {
    const { block } = this.#context.model;
    const shown = [info, block];
    if (shown.every((each, i) => each === this.#shown[i])) return;
    this.#shown = shown;
    this.#say(info, block, null);
    this.#asking.ask(async (signal) =>
      this.#say(info, block, await this.#lookUp(info, block, signal)),
    );
  }

  /**
   * Jumps to the data of the block, if it is in the file. Queries it again, since the previous
   * answer may still be pending.
   */
  toData(): void {
    const { info, model } = this.#context;
    this.#lookUp(info, model.block).then(
      (at) => {
        if (at === null) return;
        const rest = (info.virtualSize ?? 0) - model.block * (info.blockSize ?? 0);
        this.#context.jump(at, Math.min(info.blockSize ?? 1, rest));
      },
      (error: unknown) => this.#context.say(messageOf(error)),
    );
  }

  #toEntry(): void {
    const { info, model } = this.#context;
    if (info.blocks === null) return;
    this.#context.jump(entryOffset(info.blocks, model.block), ENTRY_SIZE);
  }

  async #lookUp(
    { blocks, fileSize }: AnatomyInfo,
    block: number,
    signal?: AbortSignal,
  ): Promise<number | null> {
    if (blocks === null) return null;
    const at = entryOffset(blocks, block);
    // A table may end before its disk does.
    if (at + ENTRY_SIZE > fileSize) return null;
    const data = dataOffset(await this.#loader.read(at, ENTRY_SIZE, signal));
    return data !== null && data < fileSize ? data : null;
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
