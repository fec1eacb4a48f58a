import type { AnatomyInfo } from '../../../engine/api/anatomy.ts';
import { setText } from '../../common/dom.ts';
import type { Channel } from './requests.ts';
import { reduce, type Action, type Marked, type ViewModel } from './store.ts';
import type { Words } from './words.ts';

/** What the parts of the view share: the model and how it changes, and whom to ask. */
export class ViewContext {
  readonly channel: Channel;
  readonly words: Words;
  readonly #status: HTMLElement;
  readonly #onChange: (model: ViewModel) => void;
  readonly #onJump: (marked: Marked) => void;
  #model: ViewModel;

  constructor(
    model: ViewModel,
    channel: Channel,
    words: Words,
    status: HTMLElement,
    onChange: (model: ViewModel) => void,
    onJump: (marked: Marked) => void,
  ) {
    this.#model = model;
    this.channel = channel;
    this.words = words;
    this.#status = status;
    this.#onChange = onChange;
    this.#onJump = onJump;
  }

  get model(): ViewModel {
    return this.#model;
  }

  /** The file that is open; asked for only while one is. */
  get info(): AnatomyInfo {
    const { info } = this.#model;
    if (info === undefined) throw new Error('No file is open');
    return info;
  }

  get isOpen(): boolean {
    return this.#model.info !== undefined && this.#model.status !== 'failed';
  }

  get anatomyId(): string {
    return this.#model.info?.anatomyId ?? '';
  }

  do(action: Action): void {
    this.#model = reduce(this.#model, action);
    this.#onChange(this.#model);
  }

  /** Marks bytes and brings them into view. */
  jump(offset: number, length: number): void {
    this.do({ type: 'mark', marked: { offset, length } });
    this.#onJump(this.#model.marked);
  }

  /** In the line that screen readers read as it changes. */
  say(text: string): void {
    setText(this.#status, text);
  }
}
