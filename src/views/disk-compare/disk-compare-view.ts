import type { CompareSide, DiskCompareInit, DiskCompareState } from '../api/disk-compare.ts';
import { button, element, setText } from '../common/dom.ts';
import { messageOf } from '../common/frame/channel-client.ts';
import { makeNotice, type Notice } from '../common/frame/notice.ts';
import { ViewFrame } from '../common/frame/view-frame.ts';
import { GoTo } from '../common/hex/go-to.ts';
import { hexByte } from '../common/hex/hex-format.ts';
import { fill, Format } from '../common/words/format.ts';
import { sentence } from '../common/words/plain-text.ts';
import { CompareLoader } from './compare-loader.ts';
import { DifferenceList } from './difference-list.ts';
import { SidePane } from './side-pane.ts';
import { CompareWords, SIDES } from './state/compare-words.ts';
import { CompareContext, TIMEOUTS, type Channel } from './state/requests.ts';
import { initialModel, longerSize, rangeBefore, reduce, type CompareModel } from './state/store.ts';

/** Maximum number of bytes that can be copied: one request returns no more. */
const MOST_COPIED = 65_536;

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
  readonly #list: DifferenceList;
  readonly #goTo: GoTo;
  readonly #sides: Readonly<Record<CompareSide, SidePane>>;
  readonly #result = element('p', { class: 'result-line', role: 'status' });
  readonly #limits = element('ul', { class: 'limits' });
  readonly #where = element('p', { class: 'where' });
  readonly #cancel: HTMLButtonElement;
  readonly #further: HTMLButtonElement;
  readonly #previous: HTMLButtonElement;
  readonly #next: HTMLButtonElement;
  /** Whether the first difference is to be shown: not if a place was restored. */
  #fresh: boolean;

  constructor(root: HTMLElement, { init, kept, channel, keep }: ViewOptions) {
    const { strings, language, paths } = init;
    const words = new CompareWords(strings, new Format(language), paths);
    const status = element('p', { class: 'hidden', role: 'status' });
    this.#fresh = kept === undefined;
    this.#context = new CompareContext({
      model: initialModel(kept),
      reduce,
      channel,
      words,
      status,
      onChange: (model) => {
        keep(model);
        this.#frame.schedule();
      },
    });
    const context = this.#context;
    this.#screen = makeNotice('screen', 'status', strings.retry);
    this.#frame = new ViewFrame(root, {
      screen: this.#screen.root,
      retryText: strings.retry,
      draw: () => this.#draw(),
    });
    this.#loader = new CompareLoader(context, {
      onOpened: (again) => this.#opened(again),
      onLoaded: () => this.#frame.schedule(),
      onTrouble: (message, retry) => this.#frame.notice.set(message, retry),
    });
    this.#cancel = button(strings.cancel, () => this.#loader.cancel());
    this.#further = button(strings.compareOn, () => void this.#loader.compare());
    this.#previous = this.#stepButton(strings.previous, strings.previousLong, 'P', -1);
    this.#next = this.#stepButton(strings.next, strings.nextLong, 'N', 1);
    this.#list = new DifferenceList(context, (index) => this.#show(index));
    const focus = (): void => this.#sides.left.grid.root.focus();
    this.#goTo = new GoTo({
      id: 'go-to',
      texts: strings,
      format: words.format,
      example: strings.goToExample,
      behind: strings.goToBehind,
      now: () => context.model.marked.offset,
      size: () => longerSize(context.model),
      go: (offset) => this.#jump(offset, 1),
      went: focus,
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
    const summary = element(
      'section',
      { class: 'summary', 'aria-label': strings.comparison },
      element('div', { class: 'result-bar' }, this.#result, this.#cancel, this.#further),
      this.#limits,
    );
    const steps = element('div', { class: 'step-bar' }, this.#previous, this.#next);
    const bar = element('div', { class: 'hex-bar' }, steps, this.#goTo.root);
    const disks = element('div', { class: 'disks' }, left.root, right.root);
    const panes = element('div', { class: 'panes' }, this.#list.root, disks);
    const help = element('p', { id: 'bytes-help', class: 'hidden' }, strings.bytesHelp);
    const { names } = this.#context.words;
    const title = fill(strings.heading, names.left, names.right);
    const heading = element('h1', { class: 'hidden' }, title);
    this.#frame.body.append(heading, summary, bar, panes, this.#where, help, status);
    this.#frame.body.addEventListener('keydown', (event) => this.#key(event));
    this.#frame.watch(panes, () => {
      left.grid.forgetMeasures();
      right.grid.forgetMeasures();
    });
  }

  #stepButton(label: string, name: string, key: string, by: 1 | -1): HTMLButtonElement {
    const made = button(label, () => void this.#step(by));
    made.setAttribute('aria-label', name);
    made.setAttribute('aria-keyshortcuts', key);
    made.title = fill(this.#context.words.strings.withKey, name, key);
    return made;
  }

  #side(side: CompareSide): SidePane {
    const other = side === 'left' ? 'right' : 'left';
    return new SidePane(side, this.#context, this.#loader, {
      mark: (marked) => {
        this.#context.do({ type: 'mark', marked });
        if (marked.length === 1) this.#sides[other].grid.anchorAt(marked.offset);
        this.#context.say(this.#tell());
      },
      command: (command) => {
        if (command === 'copy') void this.#copy(side);
        else this.#goTo.focus();
      },
      scrolled: (top) => this.#sides[other].grid.follow(top),
      open: () => this.#ask(side),
      differs: this.#differs,
    });
  }

  readonly #differs = (offset: number): boolean => {
    const [a, b] = SIDES.map((side) => this.#byte(side, offset));
    return a !== undefined && b !== undefined && a !== b;
  };

  /** Returns a byte; zero behind the end of the disk, undefined while it is loading. */
  #byte(side: CompareSide, offset: number): number | undefined {
    const bytes = this.#loader.bytes(side, offset, 1);
    return bytes.length === 0 ? 0 : bytes[0];
  }

  #opened(again: boolean): void {
    const { model, words } = this.#context;
    const { strings } = words;
    if (again) this.#context.say(strings.reloaded);
    else this.#reveal(model.marked.offset);
    void this.#loader.compare().then((found) => {
      if (found && this.#fresh) this.#show(0);
      this.#fresh = false;
    });
  }

  #draw(): void {
    const { model, words } = this.#context;
    const { strings, names } = words;
    const { status, failure, opened } = model;
    const side = SIDES.find((each) => opened?.images[each].virtualSize === null);
    if (status === 'failed') {
      const reason = sentence(failure?.message ?? '');
      const next = failure?.code === 'view.notFile' ? strings.notFileNext : undefined;
      const lines = [strings.failed, reason, ...(next === undefined ? [] : [next])].join(' ');
      this.#screen.set(lines, next === undefined ? () => this.#loader.retry() : undefined);
    } else if (opened === undefined) this.#screen.set(strings.loading, undefined);
    else if (side !== undefined) this.#screen.set(fill(strings.noDisk, names[side]), undefined);
    else this.#screen.set('', undefined);
    this.#frame.body.hidden = !this.#screen.root.hidden;
    this.#frame.body.setAttribute('aria-busy', String(status === 'loading'));
    if (this.#frame.body.hidden) return;
    this.#drawResult();
    this.#list.root.hidden = model.ranges.length === 0;
    this.#list.draw();
    for (const each of SIDES) this.#sides[each].draw();
    setText(this.#where, this.#tell());
  }

  #drawResult(): void {
    const { model, words } = this.#context;
    const { comparing, ranges, next } = model;
    setText(this.#result, words.result(model));
    const equal = comparing.type === 'rest' && next === null && ranges.length === 0;
    this.#result.classList.toggle('equal', equal);
    this.#result.classList.toggle('wrong', comparing.type === 'failed');
    this.#cancel.hidden = comparing.type !== 'running';
    this.#further.hidden = comparing.type === 'running' || next === null;
    const none = ranges.length === 0 && next === null;
    this.#previous.disabled = none;
    this.#next.disabled = none;
    const limits = words.limits(model);
    this.#limits.hidden = limits.length === 0;
    if (this.#limits.dataset['shown'] === limits.join('\n')) return;
    this.#limits.dataset['shown'] = limits.join('\n');
    this.#limits.replaceChildren(...limits.map((each) => element('li', {}, each)));
  }

  /** Describes the selected bytes, and the difference in which they lie. */
  #tell(): string {
    const { model, words } = this.#context;
    const { strings, format } = words;
    const { offset, length } = model.marked;
    const place = words.offset(offset);
    const [left = '', right = ''] = SIDES.map((side) => this.#byteText(side, offset));
    const bytes =
      length > 1
        ? fill(strings.selectedAt, format.bytes(length), place)
        : fill(strings.bytesAt, place, left, right);
    const difference = this.#differenceAt(offset);
    return difference === '' ? bytes : `${bytes} — ${difference}`;
  }

  #differenceAt(offset: number): string {
    const { model, words } = this.#context;
    const { strings, format } = words;
    const index = rangeBefore(model.ranges, offset);
    const range = model.ranges[index];
    if (range === undefined || offset >= range.start + range.length) return '';
    const text = model.next === null ? strings.differenceOf : strings.differenceOfMore;
    const [at, count] = [format.count(index + 1), format.count(model.ranges.length)];
    return fill(text, at, count, format.bytes(range.length));
  }

  #byteText(side: CompareSide, offset: number): string {
    const { strings } = this.#context.words;
    const bytes = this.#loader.bytes(side, offset, 1);
    if (bytes.length === 0) return strings.behindEnd;
    if (this.#loader.isLost(side, offset)) return strings.lostByte;
    return bytes[0] === undefined ? strings.unknownByte : hexByte(bytes[0]);
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
    this.#context.say(this.#tell());
  }

  /** Goes to the difference behind or before the selection; compares further if necessary. */
  async #step(by: 1 | -1): Promise<void> {
    const { strings } = this.#context.words;
    const { offset } = this.#context.model.marked;
    const target = (): number => {
      const { ranges } = this.#context.model;
      const here = rangeBefore(ranges, offset);
      if (by > 0) return here + 1;
      return ranges[here]?.start === offset ? here - 1 : here;
    };
    let index = target();
    if (by > 0 && index >= this.#context.model.ranges.length) {
      if (await this.#loader.compare()) index = target();
    }
    if (index < 0 || index >= this.#context.model.ranges.length) {
      this.#context.say(by > 0 ? strings.noNext : strings.noPrevious);
      return;
    }
    this.#show(index);
  }

  #key(event: KeyboardEvent): void {
    const { key, shiftKey, ctrlKey, metaKey, altKey, target } = event;
    if (ctrlKey || metaKey || altKey || target instanceof HTMLInputElement) return;
    const letter = key.toLowerCase();
    const back = letter === 'p' || (key === 'F7' && shiftKey);
    if (!back && letter !== 'n' && key !== 'F7') return;
    event.preventDefault();
    void this.#step(back ? -1 : 1);
  }

  async #copy(side: CompareSide): Promise<void> {
    const { model, words } = this.#context;
    const { offset, length } = model.marked;
    const { strings, format } = words;
    if (length > MOST_COPIED) {
      return this.#context.say(fill(strings.copyTooMuch, format.bytes(MOST_COPIED)));
    }
    try {
      const bytes = await this.#loader.read(side, offset, length);
      const text = [...bytes].map(hexByte).join(' ');
      await this.#context.channel.request('copy', { text }, { timeoutMs: TIMEOUTS.short });
      const short = text.length > 80 ? `${text.slice(0, 80)}…` : text;
      this.#context.say(fill(strings.copied, short));
    } catch (error) {
      this.#context.say(messageOf(error));
    }
  }

  #ask(side: CompareSide): void {
    this.#context.channel
      .request('openImage', { side }, { timeoutMs: TIMEOUTS.short })
      .catch((error: unknown) => this.#frame.notice.set(messageOf(error), undefined));
  }
}
