import * as vscode from 'vscode';
import { plainText } from '../../views/common/words/plain-text.ts';
import { inertText } from '../words/inert-text.ts';

const { t } = vscode.l10n;

/** One entry for all jobs that go on; a click shows them in their view. */
export class JobStatusBar implements vscode.Disposable {
  #item: vscode.StatusBarItem | undefined;

  show(lines: readonly string[]): void {
    if (this.#item === undefined) {
      this.#item = vscode.window.createStatusBarItem(
        'refpoint.jobs',
        vscode.StatusBarAlignment.Left,
      );
      this.#item.name = t('Refpoint Jobs');
      this.#item.command = 'refpoint.jobs.focus';
    }
    this.#draw(lines);
    this.#item.show();
  }

  /** Item of the status bar. */
  update(lines: readonly string[]): void {
    if (this.#item !== undefined) this.#draw(lines);
  }

  hide(): void {
    this.#item?.dispose();
    this.#item = undefined;
  }

  dispose(): void {
    this.hide();
  }

  #draw(lines: readonly string[]): void {
    if (this.#item === undefined) return;
    const [only] = lines;
    const text = lines.length === 1 && only !== undefined ? only : t('{0} jobs', lines.length);
    this.#item.text = `$(sync~spin) ${inertText(text)}`;
    this.#item.tooltip = lines.map(plainText).join('\n');
    this.#item.accessibilityInformation = {
      label: t('Refpoint: {0}', plainText(text)),
      role: 'button',
    };
  }
}
