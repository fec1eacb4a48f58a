import type { TraceFilter, TraceInfo, TracePair, TraceRow } from '../../engine/api/trace.ts';
import type { TraceViewInit, TraceViewRequests, TraceViewState } from '../api/trace.ts';
import { element, setText } from '../common/dom.ts';
import { messageOf, RequestError, type ChannelClient } from '../common/frame/channel-client.ts';
import { makeNotice, type Notice } from '../common/frame/notice.ts';
import { ViewFrame } from '../common/frame/view-frame.ts';
import { LatestOnly } from '../common/latest-only.ts';
import { fill, Format } from '../common/words/format.ts';
import { ExchangePane } from './exchange/exchange-pane.ts';
import { PagedList, type Page } from './list/paged-list.ts';
import { exchangeRow, pairRow } from './list/row-elements.ts';
import { Toolbar } from './list/toolbar.ts';
import { FIRST_STATE } from './state/kept-state.ts';
import { traceFacts } from './trace-facts.ts';

const TIMEOUT_MS = 60_000;
/** Choosing a file may take long. */
const CHOOSE_TIMEOUT_MS = 3_600_000;
/** Pause before the exchange of a row is read, while arrow keys repeat. */
const REST_MS = 40;

interface ViewOptions {
  readonly init: TraceViewInit;
  readonly kept: TraceViewState | undefined;
  readonly channel: ChannelClient<TraceViewRequests>;
  readonly keep: (state: TraceViewState) => void;
}

type Row = TraceRow | TracePair;

/** A recording: its facts, the filtered list, and the chosen exchange. */
export class TraceView {
  readonly #options: ViewOptions;
  readonly #format: Format;
  readonly #screen: Notice;
  readonly #frame: ViewFrame;
  readonly #facts = element('ul', { class: 'facts' });
  readonly #compared = element('p', { class: 'compared', role: 'status', hidden: true });
  readonly #status = element('div', { class: 'hidden', role: 'status' });
  readonly #empty = element('p', { class: 'empty', hidden: true });
  readonly #toolbar: Toolbar;
  readonly #list: PagedList<Row>;
  readonly #pane: ExchangePane;
  readonly #reading = new LatestOnly(REST_MS);
  #state: TraceViewState;
  #info: TraceInfo | undefined;
  #other: TraceInfo | undefined;
  #differences = false;
  /** Only the answer to the last request is shown. */
  #asked = 0;
  #reopened = false;

  constructor(root: HTMLElement, options: ViewOptions) {
    this.#options = options;
    this.#state = options.kept ?? FIRST_STATE;
    const { strings, name, language } = options.init;
    this.#format = new Format(language);
    this.#screen = makeNotice('screen', 'status', strings.retry);
    this.#frame = new ViewFrame(root, {
      screen: this.#screen.root,
      retryText: strings.retry,
      draw: () => this.#draw(),
    });
    this.#toolbar = new Toolbar({
      strings,
      filter: this.#state.filter,
      onFilter: (filter) => this.#filter(filter),
      onDifferences: (only) => {
        this.#differences = only;
        this.#list.refill(true);
      },
      onCompare: () => void this.#compare(),
    });
    this.#list = new PagedList<Row>({
      label: fill(strings.listLabel, name),
      load: (start, count) => this.#page(start, count),
      row: (row) => this.#row(row),
      onActive: (row) => this.#activate(row),
      onTotal: (total) => this.#total(total),
      onFailed: (error) => this.#failed(error),
    });
    this.#pane = new ExchangePane({
      of: name,
      strings,
      format: this.#format,
      body: this.#state.body,
      copy: (text) => void this.#copy(text),
      onBody: (body) => this.#keep({ body }),
    });
    const listBox = element('div', { class: 'list-box' }, this.#list.root, this.#empty);
    const panes = element('div', { class: 'panes' }, listBox, this.#pane.root);
    const header = element('header', {}, element('h1', {}, name), this.#facts);
    this.#frame.body.append(header, this.#toolbar.root, this.#compared, panes, this.#status);
    this.#frame.watch(panes, () => undefined);
    void this.#open();
  }

  reload(): void {
    this.#reopened = false;
    void this.#open();
  }

  async #open(): Promise<void> {
    const { channel, init } = this.#options;
    const { strings } = init;
    const asked = ++this.#asked;
    if (this.#frame.body.hidden) this.#screen.set(strings.loading, undefined);
    try {
      const info = await channel.request('open', {}, { timeoutMs: TIMEOUT_MS });
      if (asked !== this.#asked) return;
      this.#info = info;
      this.#other = undefined;
      this.#showCompared('');
      this.#screen.set('', undefined);
      this.#frame.notice.set('', undefined);
      this.#facts.replaceChildren(...traceFacts(info, strings, this.#format));
      this.#frame.body.hidden = false;
      const { sequence } = this.#state;
      this.#list.refill(sequence === null);
      if (sequence !== null) this.#read(() => this.#exchange(info.traceId, sequence));
    } catch (error) {
      if (asked !== this.#asked) return;
      this.#frame.body.hidden = true;
      this.#screen.set(`${strings.failed} ${messageOf(error)}`, () => void this.#open());
    }
  }

  async #page(start: number, count: number): Promise<Page<Row>> {
    const { channel, init } = this.#options;
    const { traceId = '' } = this.#info ?? {};
    const { filter } = this.#state;
    const request = { traceId, filter, start, count };
    if (this.#other === undefined)
      return channel.request('page', request, { timeoutMs: TIMEOUT_MS });
    const otherId = this.#other.traceId;
    const found = await channel.request(
      'compare',
      { ...request, otherId, differences: this.#differences },
      { timeoutMs: TIMEOUT_MS },
    );
    const counts = [found.onlyLeft, found.onlyRight, found.unlike].map((n) =>
      this.#format.count(n),
    );
    const name = this.#other.path.replace(/^.*[\\/]/, '');
    this.#showCompared(fill(init.strings.comparedWith, name, ...counts));
    return { total: found.total, rows: found.pairs };
  }

  #row(row: Row): HTMLElement {
    const { begun = '', longest = 0 } = this.#info ?? {};
    const words = {
      strings: this.#options.init.strings,
      format: this.#format,
      began: Date.parse(begun) || 0,
      longest,
    };
    return 'sequence' in row ? exchangeRow(row, words) : pairRow(row, words);
  }

  #total(total: number): void {
    const { strings } = this.#options.init;
    const none = this.#info?.exchanges === 0 ? strings.recordingEmpty : strings.listEmpty;
    setText(this.#empty, none);
    this.#empty.hidden = total > 0;
    this.#list.root.hidden = total === 0;
    if (total === 0) this.#pane.clear();
  }

  #activate(row: Row): void {
    const [own, other] = [this.#info?.traceId ?? '', this.#other?.traceId ?? ''];
    if ('sequence' in row) {
      this.#keep({ sequence: row.sequence });
      this.#read(() => this.#exchange(own, row.sequence));
      return;
    }
    const { left, right } = row;
    this.#read(async () => {
      const sides = await Promise.all([
        left === null ? null : this.#fetch(own, left.sequence),
        right === null ? null : this.#fetch(other, right.sequence),
      ]);
      this.#pane.show({ left: sides[0], right: sides[1] });
    });
  }

  /** Reads an exchange after a pause; a newer one takes its place. */
  #read(work: () => Promise<void>): void {
    this.#reading.ask(async () => {
      try {
        await work();
      } catch (error) {
        this.#failed(error);
      }
    });
  }

  async #exchange(traceId: string, sequence: number): Promise<void> {
    const found = await this.#fetch(traceId, sequence);
    if (this.#state.sequence === sequence && this.#other === undefined) this.#pane.show(found);
  }

  #fetch(traceId: string, sequence: number): Promise<TraceViewRequests['exchange']['result']> {
    const { channel } = this.#options;
    return channel.request('exchange', { traceId, sequence }, { timeoutMs: TIMEOUT_MS });
  }

  #filter(filter: TraceFilter): void {
    this.#keep({ filter });
    this.#list.refill(true);
  }

  async #compare(): Promise<void> {
    const { channel } = this.#options;
    try {
      const other =
        this.#other === undefined
          ? await channel.request('chooseOther', {}, { timeoutMs: CHOOSE_TIMEOUT_MS })
          : undefined;
      if (other === null) return;
      this.#other = other;
    } catch (error) {
      this.#frame.notice.set(messageOf(error), undefined);
      return;
    }
    this.#differences = false;
    this.#toolbar.compared(this.#other !== undefined);
    this.#showCompared('');
    this.#pane.clear();
    this.#list.refill(true);
  }

  #showCompared(text: string): void {
    setText(this.#compared, text);
    this.#compared.hidden = text === '';
    if (this.#other === undefined) this.#toolbar.compared(false);
  }

  /** The engine may have closed the recording for others: it is opened again, once. */
  #failed(error: unknown): void {
    const closed = error instanceof RequestError && error.info.code === 'trace.notOpen';
    if (closed && !this.#reopened) {
      this.#reopened = true;
      void this.#open();
      return;
    }
    const { partFailed } = this.#options.init.strings;
    this.#frame.notice.set(fill(partFailed, messageOf(error)), () => this.reload());
  }

  async #copy(text: string): Promise<void> {
    const { channel, init } = this.#options;
    await channel.request('copy', { text }, { timeoutMs: TIMEOUT_MS }).catch(() => undefined);
    setText(this.#status, init.strings.copied);
  }

  #keep(change: Partial<TraceViewState>): void {
    this.#state = { ...this.#state, ...change };
    this.#options.keep(this.#state);
  }

  #draw(): void {
    this.#list.draw();
    this.#pane.draw();
  }
}
