import { TRACE_FILTERS, type TraceFilter } from '../../../engine/api/trace.ts';
import type { TraceStrings } from '../../api/trace-strings.ts';
import { button, element } from '../../common/dom.ts';
import { slowLimit } from '../state/kept-state.ts';

interface ToolbarOptions {
  readonly strings: TraceStrings;
  readonly filter: TraceFilter;
  readonly onFilter: (filter: TraceFilter) => void;
  readonly onDifferences: (only: boolean) => void;
  readonly onCompare: () => void;
}

/** Pause after the last key in a field, in milliseconds. */
const TYPING_MS = 200;

/** The filter of the list, and the comparison with another recording. */
export class Toolbar {
  readonly root: HTMLElement;
  readonly #options: ToolbarOptions;
  readonly #kinds: readonly (readonly [TraceFilter['kind'], HTMLButtonElement])[];
  readonly #slow: HTMLInputElement;
  readonly #slowBox: HTMLElement;
  readonly #differences: HTMLButtonElement;
  readonly #compare: HTMLButtonElement;
  #filter: TraceFilter;
  #typing: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ToolbarOptions) {
    this.#options = options;
    const { strings, filter } = options;
    this.#filter = filter;
    this.#kinds = TRACE_FILTERS.map((kind) => [
      kind,
      button(strings[kind], () => this.#change({ kind }), 'toggle'),
    ]);
    const field = (attributes: Record<string, string | number>): HTMLInputElement => {
      const made = element('input', attributes);
      made.addEventListener('input', () => this.#typed());
      return made;
    };
    this.#slow = field({ type: 'number', min: 0, step: 100, value: filter.slowMs });
    const search = field({
      type: 'search',
      placeholder: strings.search,
      'aria-label': strings.search,
      value: filter.text,
    });
    search.addEventListener('input', () => (this.#search = search.value));
    this.#search = filter.text;
    this.#slowBox = element(
      'label',
      { class: 'slow' },
      strings.slowFrom,
      ' ',
      this.#slow,
      ' ',
      strings.milliseconds,
    );
    this.#differences = button(strings.differences, () => this.#toggleDifferences(), 'toggle');
    this.#compare = button(strings.compare, options.onCompare);
    this.root = element(
      'div',
      { class: 'toolbar' },
      element(
        'div',
        { class: 'kinds', role: 'group', 'aria-label': strings.filters },
        ...this.#kinds.map(([, each]) => each),
      ),
      this.#slowBox,
      search,
      this.#differences,
      this.#compare,
    );
    this.compared(false);
    this.#mark();
  }

  #search: string;

  /** Shows whether two recordings are compared. */
  compared(on: boolean): void {
    const { strings } = this.#options;
    this.#compare.textContent = on ? strings.endCompare : strings.compare;
    this.#differences.hidden = !on;
    this.#differences.setAttribute('aria-pressed', 'false');
  }

  #toggleDifferences(): void {
    const on = this.#differences.getAttribute('aria-pressed') !== 'true';
    this.#differences.setAttribute('aria-pressed', String(on));
    this.#options.onDifferences(on);
  }

  #typed(): void {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(
      () => this.#change({ text: this.#search, slowMs: slowLimit(this.#slow.valueAsNumber) }),
      TYPING_MS,
    );
  }

  #change(change: Partial<TraceFilter>): void {
    this.#filter = { ...this.#filter, ...change };
    this.#mark();
    this.#options.onFilter(this.#filter);
  }

  #mark(): void {
    for (const [kind, each] of this.#kinds) {
      each.setAttribute('aria-pressed', String(kind === this.#filter.kind));
    }
    this.#slowBox.hidden = this.#filter.kind !== 'slow';
  }
}
