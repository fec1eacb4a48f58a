import type { SearchAnswer } from '../../../engine/api/disk-contents.ts';
import { element, setText } from '../../common/dom.ts';
import { messageOf } from '../../common/frame/channel-client.ts';
import { hexOffset } from '../../common/hex/hex-format.ts';
import { fill } from '../../common/words/format.ts';
import { TIMEOUTS } from '../state/requests.ts';
import { parseSearch, type SearchMode } from '../state/search-pattern.ts';
import type { ViewContext } from '../state/view-context.ts';

interface SearchOptions {
  readonly space: 'file' | 'disk';
  /** Offset at which the next search begins. */
  readonly from: () => number;
  readonly found: (match: NonNullable<SearchAnswer['match']>) => void;
  /** Moves the focus to the bytes. */
  readonly focus: () => void;
}

/** Searches bytes or text from the selection on; the engine searches, and the search can be cancelled. */
export class SearchBar {
  readonly root: HTMLFormElement;
  readonly #context: ViewContext;
  readonly #options: SearchOptions;
  readonly #input: HTMLInputElement;
  readonly #mode: HTMLSelectElement;
  readonly #button: HTMLButtonElement;
  readonly #result: HTMLElement;
  #running: AbortController | undefined;
  /** Start of the next search for the same, after one that found nothing. */
  #next: { readonly searched: string; readonly from: number } | undefined;

  constructor(context: ViewContext, options: SearchOptions) {
    this.#context = context;
    this.#options = options;
    const { strings } = context.words;
    const id = `search-${options.space}`;
    this.#input = element('input', {
      id,
      type: 'text',
      autocomplete: 'off',
      spellcheck: 'false',
      placeholder: strings.searchExample,
      'aria-describedby': `${id}-result`,
    });
    this.#mode = element(
      'select',
      { 'aria-label': strings.searchMode },
      element('option', { value: 'hex' }, strings.searchHex),
      element('option', { value: 'text' }, strings.searchText),
    );
    this.#button = element('button', { type: 'submit' }, strings.searchNext);
    this.#result = element('p', {
      id: `${id}-result`,
      class: 'result',
      role: 'status',
      hidden: true,
    });
    this.root = element(
      'form',
      { class: 'go-to search' },
      element('label', { for: id }, strings.search),
      this.#mode,
      this.#input,
      this.#button,
      this.#result,
    );
    this.root.addEventListener('submit', (event) => {
      event.preventDefault();
      if (this.#running === undefined) void this.#search();
      else this.#running.abort();
    });
    for (const each of [this.#input, this.#mode]) {
      each.addEventListener('input', () => this.#say(''));
    }
    this.root.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      if (this.#running === undefined) options.focus();
      else this.#running.abort();
    });
  }

  focus(): void {
    this.#input.focus();
    this.#input.select();
  }

  async #search(): Promise<void> {
    const { channel, anatomyId, words } = this.#context;
    const { strings } = words;
    const parsed = parseSearch(this.#input.value, this.#mode.value as SearchMode);
    if ('wrong' in parsed) return this.#say(strings[WRONG[parsed.wrong]], true);
    const next = this.#next?.searched === this.#searched() ? this.#next.from : undefined;
    const from = next ?? this.#options.from();
    this.#next = undefined;
    const running = new AbortController();
    this.#running = running;
    setText(this.#button, strings.searchCancel);
    this.#say(strings.searching);
    try {
      const { space } = this.#options;
      const patterns = parsed.patterns.map((each) => btoa(each));
      const answer = await channel.request(
        'search',
        { anatomyId, space, patterns, from },
        {
          timeoutMs: TIMEOUTS.search,
          signal: running.signal,
          onProgress: (done, total) => {
            const share = total === 0 ? 0 : done / total;
            this.#say(fill(strings.searchProgress, words.format.percent(share, 0)));
          },
        },
      );
      this.#tell(answer, from);
    } catch (error) {
      if (running.signal.aborted) this.#say(strings.searchCancelled);
      else this.#say(messageOf(error), true);
    } finally {
      this.#running = undefined;
      setText(this.#button, strings.searchNext);
    }
  }

  #searched(): string {
    return `${this.#mode.value} ${this.#input.value}`;
  }

  #tell({ match, end, lostBytes }: SearchAnswer, from: number): void {
    const { strings, format } = this.#context.words;
    const lost = lostBytes > 0 ? ` ${fill(strings.searchLost, format.bytes(lostBytes))}` : '';
    if (match !== null) {
      this.#say(fill(strings.searchFound, hexOffset(match.offset)) + lost);
      this.#options.found(match);
      return;
    }
    const { info, model } = this.#context;
    const size = this.#options.space === 'file' ? info.fileSize : (model.survey?.virtualSize ?? 0);
    const more = end < size;
    // At the end the next search begins at the start again.
    this.#next = { searched: this.#searched(), from: more ? end : 0 };
    const text = more ? strings.searchPart : from > 0 ? strings.searchEnd : strings.searchNone;
    this.#say(fill(text, hexOffset(from), hexOffset(end)) + lost);
  }

  #say(text: string, wrong = false): void {
    setText(this.#result, text);
    this.#result.hidden = text === '';
    this.#result.classList.toggle('wrong', wrong);
    this.#input.setAttribute('aria-invalid', String(wrong));
  }
}

const WRONG = { empty: 'searchEmpty', hex: 'searchHexWrong', long: 'searchLong' } as const;
