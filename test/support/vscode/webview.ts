import { EventEmitter } from './events.ts';
import type { Uri } from './uri.ts';

/** A page of the extension, without a browser: what it is made of, what it is told, and a way to speak as its script does. */
export class FakeWebviewPanel {
  readonly viewType: string;
  readonly #disposed = new EventEmitter<void>();
  readonly #spoken = new EventEmitter<unknown>();
  /** Messages to the page. */
  readonly posted: unknown[] = [];
  readonly onDidDispose = this.#disposed.event;
  readonly onDidChangeViewState = new EventEmitter<unknown>().event;
  readonly viewColumn = 2;
  readonly visible = true;
  readonly active = true;
  iconPath: unknown;
  /** How often it was brought to the front. */
  revealed = 0;
  title = '';
  disposed = false;
  readonly webview = {
    html: '',
    options: {} as object,
    cspSource: 'https://views.test',
    onDidReceiveMessage: this.#spoken.event,
    asWebviewUri: (uri: Uri) => uri.with({ scheme: 'https', authority: 'views.test' }),
    postMessage: async (message: unknown): Promise<boolean> => {
      // Between the two ends things are copied, and functions are not.
      if (!this.disposed) this.posted.push(structuredClone(message));
      return !this.disposed;
    },
  };

  constructor(viewType = '') {
    this.viewType = viewType;
  }

  reveal(): void {
    this.revealed++;
  }

  /** What the page's script posts. */
  speak(message: unknown): void {
    this.#spoken.fire(structuredClone(message));
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.#disposed.fire();
  }
}
