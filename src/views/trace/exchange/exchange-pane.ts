import type { TraceExchange } from '../../../engine/api/trace.ts';
import { element, setText } from '../../common/dom.ts';
import { Tabs } from '../../common/tabs.ts';
import type { TraceViewState } from '../../api/trace.ts';
import type { BodyPaneOptions } from './body-pane.ts';
import { BodyPane } from './body-pane.ts';
import { exchangeFacts } from './exchange-facts.ts';

type BodyId = TraceViewState['body'];

interface ExchangePaneOptions extends Omit<BodyPaneOptions, 'name' | 'of'> {
  /** Name of the recording. */
  readonly of: string;
  readonly body: BodyId;
  readonly onBody: (body: BodyId) => void;
}

/**
 * The chosen exchange: its facts, and its request or answer. Of a pair, both exchanges side by side.
 */
export class ExchangePane {
  readonly root: HTMLElement;
  readonly #options: ExchangePaneOptions;
  readonly #facts = element('div', { class: 'facts-row' });
  readonly #empty = element('p', { class: 'empty' });
  readonly #tabs: Tabs<BodyId>;
  readonly #panes: Readonly<Record<BodyId, readonly [BodyPane, BodyPane]>>;
  #body: BodyId;

  constructor(options: ExchangePaneOptions) {
    this.#options = options;
    this.#body = options.body;
    const { strings, of } = options;
    const pair = (id: BodyId): readonly [BodyPane, BodyPane] => {
      const make = (side: string, name: string): BodyPane =>
        new BodyPane({ ...options, name: `${id}-${side}`, of: `${name}, ${strings[id]}` });
      return [make('left', of), make('right', strings.otherRecording)];
    };
    this.#panes = { request: pair('request'), answer: pair('answer') };
    const tab = (id: BodyId): { id: BodyId; label: string; panel: HTMLElement } => ({
      id,
      label: strings[id],
      panel: element('div', { class: 'bodies' }, ...this.#panes[id].map(({ root }) => root)),
    });
    this.#tabs = new Tabs<BodyId>(strings.exchangeLabel, [tab('request'), tab('answer')], (body) =>
      this.#choose(body),
    );
    setText(this.#empty, strings.chooseOne);
    this.root = element('div', { class: 'exchange' }, this.#empty, this.#facts, this.#tabs.root);
    this.clear();
  }

  clear(): void {
    this.#empty.hidden = false;
    this.#facts.hidden = true;
    this.#tabs.root.hidden = true;
  }

  /** Shows an exchange; of a pair, an exchange that its recording lacks is null. */
  show(
    shown:
      TraceExchange | { readonly left: TraceExchange | null; readonly right: TraceExchange | null },
  ): void {
    const { strings, format } = this.#options;
    const compared = !('row' in shown);
    const sides = compared ? [shown.left, shown.right] : [shown];
    this.#facts.replaceChildren(
      ...sides.map((side) =>
        side === null
          ? element('div', { class: 'exchange-facts none' }, strings.missing)
          : exchangeFacts(side.row, strings, format),
      ),
    );
    for (const id of ['request', 'answer'] as const) {
      this.#panes[id].forEach((pane, i) => {
        const side = sides[i] ?? null;
        pane.root.hidden = i > 0 && !compared;
        pane.show(side?.[id]);
      });
    }
    this.root.classList.toggle('compared-bodies', compared);
    this.#empty.hidden = true;
    this.#facts.hidden = false;
    this.#tabs.root.hidden = false;
    this.#tabs.choose(this.#body);
    this.draw();
  }

  /** Draws the trees again, after their size has changed. */
  draw(): void {
    for (const pane of this.#panes[this.#body]) pane.draw();
  }

  #choose(body: BodyId): void {
    this.#body = body;
    this.#tabs.choose(body);
    this.#options.onBody(body);
    this.draw();
  }
}
