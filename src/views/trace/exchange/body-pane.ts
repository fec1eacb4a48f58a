import type { TraceBody } from '../../../engine/api/trace.ts';
import { button, element, setText } from '../../common/dom.ts';
import { fill, type Format } from '../../common/words/format.ts';
import type { TraceStrings } from '../../api/trace-strings.ts';
import { BodyText } from './body-text.ts';
import { BodyTree } from './body-tree.ts';

export interface BodyPaneOptions {
  /** Prefix of IDs. */
  readonly name: string;
  /** Name of the recording, for screen readers. */
  readonly of: string;
  readonly strings: TraceStrings;
  readonly format: Format;
  readonly copy: (text: string) => void;
}

/** One envelope: decoded, as text, or both side by side. */
export class BodyPane {
  readonly root: HTMLElement;
  readonly #options: BodyPaneOptions;
  readonly #tree: BodyTree;
  readonly #text: BodyText;
  readonly #treeBox: HTMLElement;
  readonly #textBox: HTMLElement;
  readonly #note = element('p', { class: 'note' });
  #body: TraceBody | undefined;

  constructor(options: BodyPaneOptions) {
    this.#options = options;
    const { name, of, strings, copy } = options;
    this.#tree = new BodyTree(`${name}-node`, fill(strings.treeLabel, of), copy);
    this.#text = new BodyText(fill(strings.textLabel, of));
    const title = (text: string, ...more: HTMLElement[]): HTMLElement =>
      element('div', { class: 'box-head' }, element('span', {}, text), ...more);
    const copyAll = button(strings.copy, () => copy(this.#body?.text ?? ''));
    this.#treeBox = element('div', { class: 'box' }, title(strings.showTree), this.#tree.root);
    this.#textBox = element(
      'div',
      { class: 'box' },
      title(strings.showText, copyAll),
      this.#text.root,
    );
    const boxes = element('div', { class: 'boxes' }, this.#treeBox, this.#textBox);
    this.root = element('div', { class: 'body-pane' }, this.#note, boxes);
  }

  /** Shows an envelope; undefined: its recording lacks the exchange. */
  show(body: TraceBody | undefined): void {
    this.#body = body;
    const { strings, format } = this.#options;
    const hidden = this.#text.show(body?.text ?? '');
    const notes =
      body === undefined
        ? []
        : [
            ...(body.text === '' ? [strings.bodyEmpty] : []),
            ...(body.problem === null ? [] : [fill(strings.notXml, body.problem)]),
            ...(hidden === 0 ? [] : [fill(strings.bodyShort, format.count(hidden))]),
            ...(body.cut === 0 ? [] : [fill(strings.bodyCut, format.count(body.cut))]),
          ];
    setText(this.#note, notes.join(' '));
    this.#note.hidden = notes.length === 0;
    const tree = body?.tree ?? null;
    this.#treeBox.hidden = tree === null;
    this.#textBox.hidden = body === undefined || body.text === '';
    this.#tree.show(tree);
  }

  draw(): void {
    this.#tree.draw();
  }
}
