import type { ChangeMapStrings } from '../../api/change-map-strings.ts';
import { button, element } from '../../common/dom.ts';

/** The list of keys, which a button and `?` toggle. */
export class KeyHelp {
  readonly root: HTMLElement;
  readonly button: HTMLButtonElement;
  readonly #close: HTMLButtonElement;
  /** The element that had the focus before the list was opened. */
  #before: HTMLElement | undefined;

  constructor(strings: ChangeMapStrings) {
    this.button = button(strings.keys, () => this.toggle());
    this.button.title = strings.keysTip;
    this.button.setAttribute('aria-controls', 'map-keys');
    this.#close = button(strings.close, () => this.toggle());
    const rows: readonly (readonly [string, string])[] = [
      ['← → ↑ ↓', strings.keyArrows],
      [strings.farKeys, strings.keyFar],
      [strings.pageKeys, strings.keyPage],
      [strings.endKeys, strings.keyEnds],
      ['N, P', strings.keyChanges],
      ['+ −', strings.keyZoom],
      ['0', strings.fit],
      [strings.selectKeys, strings.keySelect],
      [strings.enterKey, strings.keyRange],
      [strings.escapeKey, strings.keyClear],
      [`${strings.copyKey}, ${strings.copyJsonKey}`, strings.keyCopy],
      ['?', strings.keysTip],
    ];
    const list = rows.flatMap(([key, what]) => [
      element('dt', {}, element('kbd', {}, key)),
      element('dd', {}, what),
    ]);
    const heading = element('h2', { id: 'map-keys-title' }, strings.keys);
    this.root = element('section', {
      id: 'map-keys',
      class: 'keys',
      hidden: true,
      'aria-labelledby': 'map-keys-title',
    });
    this.root.append(element('div', {}, heading, this.#close), element('dl', {}, ...list));
    this.root.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.toggle();
    });
    this.button.setAttribute('aria-expanded', 'false');
  }

  toggle(): void {
    const open = this.root.hidden;
    if (open) this.#before = document.activeElement as HTMLElement | undefined;
    this.root.hidden = !open;
    this.button.setAttribute('aria-expanded', String(open));
    if (open) this.#close.focus();
    else (this.#before ?? this.button).focus();
  }
}
