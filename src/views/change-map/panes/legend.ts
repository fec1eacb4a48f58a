import type { MapBytes, MapInfo } from '../../../engine/api/change-map.ts';
import { element, setText } from '../../common/dom.ts';
import { fill } from '../../common/words/format.ts';
import type { Words } from '../state/words.ts';

type Swatch = 'changed' | 'data' | 'zero' | 'unknown' | 'empty';

/**
 * Meaning of colours and patterns, and the bytes of each. Lists only the states that this map
 * distinguishes.
 */
export class Legend {
  readonly root: HTMLElement;
  #shown = '';

  constructor(label: string) {
    this.root = element('ul', { class: 'legend', 'aria-label': label });
  }

  draw(info: MapInfo, bytes: MapBytes | undefined, words: Words): void {
    const { strings, format } = words;
    const known = bytes ?? info.bytes;
    const rows: [Swatch, string, number][] = [];
    if (known.changed !== null) rows.push(['changed', words.changed(info), known.changed]);
    if (known.data !== null) rows.push(['data', strings.data, known.data]);
    if (known.zero !== null && known.zero > 0) rows.push(['zero', strings.zero, known.zero]);
    if (known.unknown > 0) rows.push(['unknown', strings.unchangedUnknown, known.unknown]);
    else if (known.data !== null) {
      const rest = info.virtualSize - known.data - (known.zero ?? 0);
      rows.push(['empty', strings.unallocated, Math.max(0, rest)]);
    }
    const key = JSON.stringify([rows, bytes === undefined]);
    if (key === this.#shown) return;
    this.#shown = key;
    const items = rows.map(([swatch, name, count]) => {
      const share = format.percent(count, info.virtualSize);
      const value = element('span', { class: 'bytes' });
      const text = fill(strings.ofDisk, format.bytes(count), share);
      setText(value, bytes === undefined ? strings.busy : text);
      const mark = element('span', { class: `swatch ${swatch}`, 'aria-hidden': 'true' });
      return element('li', {}, mark, element('span', {}, name), value);
    });
    this.root.replaceChildren(...items);
  }
}
