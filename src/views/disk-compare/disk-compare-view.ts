import type { CompareSide, DiskCompareInit, DiskCompareState } from '../api/disk-compare.ts';
import { element, setText } from '../common/dom.ts';
import { messageOf } from '../common/frame/channel-client.ts';
import { makeNotice, type Notice } from '../common/frame/notice.ts';
import type { ViewFrame } from '../common/frame/view-frame.ts';
import { viewParts } from '../common/frame/view-parts.ts';
import { GoTo } from '../common/hex/go-to.ts';
import { fill, Format } from '../common/words/format.ts';
import { CompareLoader } from './compare-loader.ts';
import { ComparedBytes } from './compared-bytes.ts';
import { DifferenceList } from './difference-list.ts';
import { DifferenceSteps } from './difference-steps.ts';
import { ResultSummary } from './result-summary.ts';
import { SidePane } from './side-pane.ts';
import { CompareWords, SIDES } from './state/compare-words.ts';
import { CompareContext, TIMEOUTS, type Channel } from './state/requests.ts';
import { screenText } from './state/screen-text.ts';
import { initialModel, longerSize, reduce, type CompareModel } from './state/store.ts';

interface ViewOptions {
  readonly init: DiskCompareInit;
  readonly kept: DiskCompareState | undefined;
  readonly channel: Channel;
  /** Stores the state for a reload. */
  readonly keep: (model: CompareModel) => void;
}

/** Two disk images side by side, with the list of their differences. */
export class DiskCompareView {
  readonly #context: CompareContext;
  readonly #loader: CompareLoader;
  readonly #frame: ViewFrame;
  readonly #screen: Notice;
  readonly #bytes: ComparedBytes;
  readonly #summary: ResultSummary;
  readonly #steps: DifferenceSteps;
  readonly #list: DifferenceList;
  readonly #goTo: GoTo;
  readonly #sides: Readonly<Record<CompareSide, SidePane>>;
  readonly #where = element('p', { class: 'where' });
  /** Whether the first difference is to be shown: not if a place was restored. */
  #fresh: boolean;

  constructor(root: HTMLElement, { init, kept, channel, keep }: ViewOptions) {
    const { strings, language, paths } = init;
    const words = new CompareWords(strings, new Format(language), paths);
    this.#fresh = kept === undefined;
    this.#screen = makeNotice('screen', 'status', strings.retry);
    const { frame, status, bound } = viewParts<CompareModel>(root, {
      screen: this.#screen.root,
      retryText: strings.retry,
      statusClass: 'hidden',
      keep,
      draw: () => this.#draw(),
    });
    this.#frame = frame;
    const model = initialModel(kept);
    const context = new CompareContext({ model, reduce, channel, words, ...bound });
    this.#context = context;
    this.#loader = new CompareLoader(context, {
      onOpened: (again) => this.#opened(again),
      onLoaded: () => frame.schedule(),
      onTrouble: (message, retry) => frame.notice.set(message, retry),
    });
    this.#bytes = new ComparedBytes(context, this.#loader);
    this.#summary = new ResultSummary(context, {
      cancel: () => this.#loader.cancel(),
      further: () => void this.#loader.compare(),
    });
    this.#steps = new DifferenceSteps(context, {
      further: () => this.#loader.compare(),
      show: (index) => this.#show(index),
    });
    this.#list = new DifferenceList(context, (index) => this.#show(index));
    this.#goTo = new GoTo({
      id: 'go-to',
      texts: strings,
      format: words.format,
      example: strings.goToExample,
      behind: strings.goToBehind,
      now: () => context.model.marked.offset,
      size: () => longerSize(context.model),
      go: (offset) => this.#jump(offset, 1),
      went: () => this.#sides.left.grid.root.focus(),
    });
    this.#sides = { left: this.#side('left'), right: this.#side('right') };
    this.#build(status, init);
    this.#loader.open();
  }

  reload(): void {
    this.#loader.open();
  }

  #build(status: HTMLElement, { strings }: DiskCompareInit): void {
    const { left, right } = this.#sides;
    const bar = element('div', { class: 'hex-bar' }, this.#steps.root, this.#goTo.root);
    const disks = element('div', { class: 'disks' }, left.root, right.root);
    const panes = element('div', { class: 'panes' }, this.#list.root, disks);
    const help = element('p', { id: 'bytes-help', class: 'hidden' }, strings.bytesHelp);
    const { names } = this.#context.words;
    const title = fill(strings.heading, names.left, names.right);
    const heading = element('h1', { class: 'hidden' }, title);
    const { body } = this.#frame;
    body.append(heading, this.#summary.root, bar, panes, this.#where, help, status);
    body.addEventListener('keydown', (event) => this.#steps.key(event));
    this.#frame.watch(panes, () => {
      left.grid.forgetMeasures();
      right.grid.forgetMeasures();
    });
  }

  #side(side: CompareSide): SidePane {
    const other = side === 'left' ? 'right' : 'left';
    return new SidePane(side, this.#context, this.#loader, {
      mark: (marked) => {
        this.#context.do({ type: 'mark', marked });
        if (marked.length === 1) this.#sides[other].grid.anchorAt(marked.offset);
        this.#context.say(this.#bytes.tell());
      },
      command: (command) => {
        if (command === 'copy') void this.#bytes.copy(side);
        else this.#goTo.focus();
      },
      scrolled: (top) => this.#sides[other].grid.follow(top),
      open: () => this.#ask(side),
      differs: this.#bytes.differ,
    });
  }

  #opened(again: boolean): void {
    const { model, words } = this.#context;
    if (again) this.#context.say(words.strings.reloaded);
    else this.#reveal(model.marked.offset);
    void this.#loader.compare().then((found) => {
      if (found && this.#fresh) this.#show(0);
      this.#fresh = false;
    });
  }

  #draw(): void {
    const { model, words } = this.#context;
    const { text, retries } = screenText(model, words);
    this.#screen.set(text, retries ? () => this.#loader.retry() : undefined);
    const { body } = this.#frame;
    body.hidden = text !== '';
    body.setAttribute('aria-busy', String(model.status === 'loading'));
    if (body.hidden) return;
    this.#summary.draw();
    this.#steps.draw();
    this.#list.root.hidden = model.ranges.length === 0;
    this.#list.draw();
    for (const each of SIDES) this.#sides[each].draw();
    setText(this.#where, this.#bytes.tell());
  }

  #reveal(offset: number): void {
    for (const side of SIDES) this.#sides[side].grid.reveal(offset);
  }

  #jump(offset: number, length: number): void {
    this.#context.do({ type: 'mark', marked: { offset, length } });
    this.#reveal(this.#context.model.marked.offset);
    this.#frame.schedule();
  }

  /** Shows the start of a difference and announces it. */
  #show(index: number): void {
    const range = this.#context.model.ranges[index];
    if (range === undefined) return;
    this.#jump(range.start, 1);
    this.#context.say(this.#bytes.tell());
  }

  #ask(side: CompareSide): void {
    this.#context.channel
      .request('openImage', { side }, { timeoutMs: TIMEOUTS.short })
      .catch((error: unknown) => this.#frame.notice.set(messageOf(error), undefined));
  }
}
