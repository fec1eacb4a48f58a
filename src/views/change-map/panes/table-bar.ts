import {
  ROW_SORTS,
  type MapInfo,
  type RowOrder,
  type RowSort,
} from '../../../engine/api/change-map.ts';
import { button, element, setText } from '../../common/dom.ts';
import type { Words } from '../state/words.ts';

/** Controls for filtering and sorting the table's rows. */
export class TableBar {
  readonly root: HTMLElement;
  readonly #changedOnly = element('input', { type: 'checkbox', id: 'changed-only' });
  readonly #changedLabel = element('label', { for: 'changed-only' });
  readonly #sort = element('select', { id: 'sort-by' });
  readonly #direction: HTMLButtonElement;
  readonly #words: Words;
  #order: RowOrder;
  #info: MapInfo | undefined;

  constructor(words: Words, order: RowOrder, onOrder: (order: RowOrder) => void) {
    const { strings } = words;
    this.#words = words;
    this.#order = order;
    const change = (part: Partial<RowOrder>): void => onOrder({ ...this.#order, ...part });
    this.#direction = button('', () => change({ descending: !this.#order.descending }), 'icon');
    this.#changedOnly.addEventListener('change', () =>
      change({ changedOnly: this.#changedOnly.checked }),
    );
    this.#sort.addEventListener('change', () => change({ sort: this.#sort.value as RowSort }));
    this.root = element('div', { class: 'table-bar', role: 'group', 'aria-label': strings.rows });
    this.root.append(
      element('span', {}, this.#changedOnly, this.#changedLabel),
      element('label', { for: 'sort-by' }, strings.sortBy),
      element('span', {}, this.#sort, this.#direction),
    );
  }

  draw(info: MapInfo, order: RowOrder): void {
    const { strings } = this.#words;
    if (info !== this.#info) {
      this.#info = info;
      const options = sortsOf(info).map((sort) =>
        element('option', { value: sort }, sortName(sort, this.#words)),
      );
      this.#sort.replaceChildren(...options);
    }
    this.#order = order;
    // Without a channel for changes there is nothing to filter by.
    const tells = info.changeWord !== 'allocated';
    this.#changedOnly.disabled = !tells;
    this.#changedOnly.checked = order.changedOnly;
    const { changedOnly, writtenOnly } = strings;
    setText(this.#changedLabel, info.changeWord === 'written' ? writtenOnly : changedOnly);
    this.#sort.value = order.sort;
    const direction = order.descending ? strings.descending : strings.ascending;
    setText(this.#direction, order.descending ? '↓' : '↑');
    this.#direction.setAttribute('aria-label', direction);
    this.#direction.title = direction;
  }
}

/** Returns the columns by which the rows of a map can be sorted. */
export const sortsOf = (info: MapInfo): readonly RowSort[] =>
  ROW_SORTS.filter((sort) => {
    if (sort === 'partition') return (info.partitions ?? []).length > 0;
    // The writing point is not known for the answer of a host or an imported list.
    return sort !== 'point' || info.bytes.unknown === 0;
  });

export function sortName(sort: RowSort, { strings }: Words): string {
  return {
    start: strings.columnStart,
    length: strings.columnLength,
    state: strings.columnState,
    partition: strings.columnPartition,
    point: strings.columnPoint,
  }[sort];
}
