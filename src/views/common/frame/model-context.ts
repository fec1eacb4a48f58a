import { setText } from '../dom.ts';

interface ContextOptions<Model, Action, Channel, Words> {
  readonly model: Model;
  readonly reduce: (model: Model, action: Action) => Model;
  readonly channel: Channel;
  readonly words: Words;
  /** Live region for screen readers. */
  readonly status: HTMLElement;
  readonly onChange: (model: Model) => void;
}

/** Shared by the parts of a view: the model and its changes, the channel, and the texts. */
export class ModelContext<Model, Action, Channel, Words> {
  readonly channel: Channel;
  readonly words: Words;
  readonly #options: ContextOptions<Model, Action, Channel, Words>;
  #model: Model;

  constructor(options: ContextOptions<Model, Action, Channel, Words>) {
    this.#options = options;
    this.#model = options.model;
    this.channel = options.channel;
    this.words = options.words;
  }

  get model(): Model {
    return this.#model;
  }

  do(action: Action): void {
    this.#model = this.#options.reduce(this.#model, action);
    this.#options.onChange(this.#model);
  }

  /** Announces a text to screen readers through the live region. */
  say(text: string): void {
    setText(this.#options.status, text);
  }
}
