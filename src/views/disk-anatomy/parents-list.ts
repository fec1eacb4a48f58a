import type { AnatomyInfo, ParentCandidate } from '../../engine/api/anatomy.ts';
import { messageOf } from '../common/frame/channel-client.ts';
import { button, element } from '../common/dom.ts';
import { plainText } from '../common/words/plain-text.ts';
import { TIMEOUTS } from './state/requests.ts';
import type { ViewContext } from './state/view-context.ts';

/**
 * Possible locations of a differencing disk's parent. The extension opens it, after asking the user
 * if needed.
 */
export class ParentsList {
  readonly panel = element('div', { class: 'panel scrolls', tabindex: 0 });
  readonly #context: ViewContext;
  #info: AnatomyInfo | undefined;

  constructor(context: ViewContext) {
    this.#context = context;
  }

  draw(info: AnatomyInfo): void {
    if (info === this.#info) return;
    this.#info = info;
    const { strings } = this.#context.words;
    const items = info.parents.map((parent) => this.#item(parent));
    const list = element('ul', { class: 'parents', 'aria-label': strings.parentsLabel }, ...items);
    this.panel.replaceChildren(list);
  }

  #item(parent: ParentCandidate): HTMLElement {
    const { words, model } = this.#context;
    const { strings } = words;
    const { key, text, found } = parent;
    const label = found === null ? strings.openAsk : strings.open;
    const open = button(label, () => this.#open(key));
    open.setAttribute('aria-describedby', `parent-${key}`);
    // In an untrusted window nothing outside the folder can be opened, so the button is disabled.
    open.disabled = found === null && !model.trusted;
    return element(
      'li',
      {},
      element(
        'div',
        { id: `parent-${key}` },
        element('div', { class: 'key' }, strings[key]),
        element('code', {}, plainText(text)),
        element('div', { class: 'muted' }, this.#place(parent)),
      ),
      open,
    );
  }

  #place({ place, found }: ParentCandidate): string {
    const { strings } = this.#context.words;
    if (place === 'store') return found === null ? strings.storeMissing : strings.store;
    if (place !== 'beside') return strings[place];
    if (found !== null) return strings.beside;
    return this.#context.model.trusted ? strings.besideMissing : strings.besideUntrusted;
  }

  #open(key: ParentCandidate['key']): void {
    const { channel } = this.#context;
    channel
      .request('openParent', { key }, { timeoutMs: TIMEOUTS.parent })
      .catch((error: unknown) => this.#context.say(messageOf(error)));
  }
}
