/** Events, disposal and cancellation as the extension host has them: a listener that throws stops no other. */
export class Disposable {
  readonly #dispose: (() => unknown) | undefined;
  #done = false;

  constructor(dispose?: () => unknown) {
    this.#dispose = dispose;
  }

  static from(...all: readonly { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const each of all) each.dispose();
    });
  }

  dispose(): unknown {
    if (this.#done) return undefined;
    this.#done = true;
    return this.#dispose?.();
  }
}

export type Listen<T> = (
  listener: (event: T) => unknown,
  thisArg?: unknown,
  disposables?: Disposable[],
) => Disposable;

export class EventEmitter<T> {
  readonly #listeners = new Set<(event: T) => unknown>();

  readonly event: Listen<T> = (listener, thisArg, disposables) => {
    const bound = thisArg === undefined ? listener : listener.bind(thisArg);
    this.#listeners.add(bound);
    const disposable = new Disposable(() => this.#listeners.delete(bound));
    disposables?.push(disposable);
    return disposable;
  };

  fire(event: T): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        listenerErrors.push(error);
      }
    }
  }

  dispose(): void {
    this.#listeners.clear();
  }
}

/** What listeners threw: the extension host only logs it, a test fails with it. */
export const listenerErrors: unknown[] = [];

export class CancellationError extends Error {
  override readonly name = 'Canceled';

  constructor() {
    super('Canceled');
  }
}

export interface CancellationToken {
  readonly isCancellationRequested: boolean;
  readonly onCancellationRequested: Listen<unknown>;
}

export class CancellationTokenSource {
  readonly #emitter = new EventEmitter<unknown>();
  #cancelled = false;
  readonly token: CancellationToken;

  constructor() {
    const cancelled = (): boolean => this.#cancelled;
    const { event } = this.#emitter;
    this.token = {
      get isCancellationRequested() {
        return cancelled();
      },
      onCancellationRequested: (listener, thisArg, disposables) => {
        if (cancelled()) {
          queueMicrotask(() => listener(undefined));
          return new Disposable();
        }
        return event(listener, thisArg, disposables);
      },
    };
  }

  cancel(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    this.#emitter.fire(undefined);
  }

  dispose(): void {
    this.#emitter.dispose();
  }
}
