import * as vscode from 'vscode';

/** Attention of the person: nothing is polled that nobody looks at. */
export class Attention implements vscode.Disposable {
  readonly #acted = new vscode.EventEmitter<void>();
  /** The person did something that may change what views show. */
  readonly onActed = this.#acted.event;

  acted(): void {
    this.#acted.fire();
  }

  /** Whether a view can be seen and the window has the focus. */
  looksAt({ visible }: { readonly visible: boolean }): boolean {
    return visible && vscode.window.state.focused;
  }

  dispose(): void {
    this.#acted.dispose();
  }
}
