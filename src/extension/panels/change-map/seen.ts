import * as vscode from 'vscode';

/** Hints that the user has seen in this window. */
export class Seen implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  #map = false;

  readonly onChanged = this.#changed.event;

  /** A change map was shown. */
  get map(): boolean {
    return this.#map;
  }

  mapShown(): void {
    if (this.#map) return;
    this.#map = true;
    this.#changed.fire();
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
