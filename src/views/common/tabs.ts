import { element, setText } from './dom.ts';

export interface Tab<Id extends string> {
  readonly id: Id;
  readonly label: string;
  readonly panel: HTMLElement;
}

/** Tab panels, of which one is visible. Arrow keys select, as ARIA specifies for tabs. */
export class Tabs<Id extends string> {
  readonly root: HTMLElement;
  readonly #list: HTMLElement;
  readonly #tabs: readonly (Tab<Id> & { readonly button: HTMLButtonElement })[];
  readonly #onChosen: (id: Id) => void;

  constructor(label: string, tabs: readonly Tab<Id>[], onChosen: (id: Id) => void) {
    this.#onChosen = onChosen;
    this.#list = element('div', { class: 'tab-list', role: 'tablist', 'aria-label': label });
    this.#tabs = tabs.map((tab) => ({ ...tab, button: this.#button(tab) }));
    this.#list.append(...this.#tabs.map(({ button }) => button));
    for (const { id, panel } of tabs) {
      panel.id = `panel-${id}`;
      panel.setAttribute('role', 'tabpanel');
      panel.setAttribute('aria-labelledby', `tab-${id}`);
    }
    const panels = tabs.map(({ panel }) => panel);
    this.root = element('section', { class: 'tabs', 'aria-label': label }, this.#list, ...panels);
    this.#list.addEventListener('keydown', (event) => this.#key(event));
  }

  /** Selects a tab. */
  choose(chosen: Id): void {
    for (const { id, button, panel } of this.#tabs) {
      const own = id === chosen;
      button.setAttribute('aria-selected', String(own));
      button.tabIndex = own ? 0 : -1;
      panel.hidden = !own;
    }
  }

  setLabel(id: Id, label: string): void {
    const button = this.#tabs.find((tab) => tab.id === id)?.button;
    if (button !== undefined) setText(button, label);
  }

  setHidden(id: Id, hidden: boolean): void {
    const button = this.#tabs.find((tab) => tab.id === id)?.button;
    if (button !== undefined) button.hidden = hidden;
  }

  #button({ id, label }: Tab<Id>): HTMLButtonElement {
    const made = element(
      'button',
      {
        type: 'button',
        class: 'tab',
        role: 'tab',
        id: `tab-${id}`,
        'aria-controls': `panel-${id}`,
      },
      label,
    );
    made.addEventListener('click', () => this.#onChosen(id));
    return made;
  }

  #key(event: KeyboardEvent): void {
    const seen = this.#tabs.filter(({ button }) => !button.hidden);
    const now = seen.findIndex(({ button }) => button === document.activeElement);
    const steps: Readonly<Record<string, number>> = {
      ArrowLeft: now - 1,
      ArrowRight: now + 1,
      Home: 0,
      End: seen.length - 1,
    };
    const to = steps[event.key];
    if (now < 0 || to === undefined) return;
    event.preventDefault();
    const next = seen.at(to % seen.length);
    next?.button.focus();
    if (next !== undefined) this.#onChosen(next.id);
  }
}
