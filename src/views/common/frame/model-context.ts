import { setText } from '../dom.ts';

interface ContextOptions<Model, Action, Channel, Words> {
  readonly model: Model;
  readonly reduce: (model: Model, action: Action) => Model;
  readonly channel: Channel;
  readonly words: Words;
  /** The line that screen readers read as it changes. */
  readonly status: HTMLElement;
  readonly onChange: (model: Model) => void;
}

/** The parts of a view share it: the model and how it changes, the channel, and the words. */
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

  /** Says a text in the line that screen readers read as it changes. */
  say(text: string): void {
    setText(this.#options.status, text);
  }
}
