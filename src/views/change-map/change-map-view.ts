import type { MapInfo, RangeRow } from '../../engine/api/change-map.ts';
import type { ChangeMapInit, ChangeMapState } from '../api/change-map.ts';
import { element, setText } from '../common/dom.ts';
import { fill, Format } from '../common/words/format.ts';
import { readPalette, type Palette } from './scene/colours.ts';
import { Exports } from './panes/exports.ts';
import { Focus } from './input/focus.ts';
import { Interaction } from './input/interaction.ts';
import { Legend } from './panes/legend.ts';
import { MapLoader } from './draw/map-loader.ts';
import { MapPane, type RendererChoice } from './draw/map-pane.ts';
import { Overview } from './draw/overview.ts';
import type { Channel } from './state/requests.ts';
import { Scrubber } from './panes/scrubber.ts';
import { initialModel, reduce, type ViewModel } from './state/store.ts';
import { RangeTable } from './panes/table.ts';
import { makeNotice, type Notice } from '../common/frame/notice.ts';
import type { ViewFrame } from '../common/frame/view-frame.ts';
import { viewParts } from '../common/frame/view-parts.ts';
import { KeyHelp } from './panes/key-help.ts';
import { makeToolbar, type ToolbarActions } from './panes/view-dom.ts';
import { ViewContext } from './draw/view-context.ts';
import { Words } from './state/words.ts';

export interface ViewOptions {
  readonly init: ChangeMapInit;
  readonly kept: ChangeMapState | undefined;
  readonly channel: Channel;
  /** Stores the state for a reload. */
  readonly keep: (model: ViewModel) => void;
  readonly renderer: RendererChoice;
}

/** The whole view: one model, drawn at most once per animation frame. */
export class ChangeMapView {
  readonly #context: ViewContext;
  readonly #loader: MapLoader;
  readonly #focus: Focus;
  readonly #interaction: Interaction;
  readonly #exports: Exports;
  readonly #table: RangeTable;
  readonly #legend: Legend;
  readonly #overview: Overview;
  readonly #scrubber: Scrubber;
  readonly #keyHelp: KeyHelp;
  readonly #toolbar: ReturnType<typeof makeToolbar>;
  readonly #screen: Notice;
  readonly #frame: ViewFrame;
  readonly #title = element('h1');
  readonly #scale = element('p', { class: 'scale' });
  readonly #warnings = element('ul', { class: 'warnings' });
  #palette: Palette;

  constructor(root: HTMLElement, { init, kept, channel, keep, renderer }: ViewOptions) {
    const { strings, language, reference } = init;
    const words = new Words(strings, new Format(language));
    this.#palette = readPalette(root);
    this.#screen = makeNotice('screen', 'status', strings.retry);
    const { frame, status, bound } = viewParts<ViewModel>(root, {
      screen: this.#screen.root,
      retryText: strings.retry,
      statusClass: 'status',
      keep,
      draw: () => this.#draw(),
    });
    this.#frame = frame;
    const model = initialModel(reference, kept);
    const context = new ViewContext(new MapPane(renderer), {
      model,
      reduce,
      channel,
      words,
      ...bound,
    });
    this.#context = context;
    this.#loader = new MapLoader(context, {
      onLoaded: () => frame.schedule(),
      onRows: (total) => this.#table.show(context.info, total),
      onTrouble: (message, retry) => frame.notice.set(message, retry),
    });
    this.#exports = new Exports(context);
    this.#focus = new Focus(context);
    this.#interaction = new Interaction(
      context,
      this.#focus,
      (json) => this.#exports.copy(json),
      () => this.#keyHelp.toggle(),
      () => frame.schedule(),
    );
    this.#table = new RangeTable(
      words,
      this.#loader.pages,
      (row) => this.#showRow(row),
      (order) => this.#loader.showOrder(order),
    );
    this.#legend = new Legend(strings.legendLabel);
    this.#overview = new Overview((share) => this.#focus.centre(share));
    this.#scrubber = new Scrubber(words, (frame) => this.#loader.showFrame(frame));
    this.#keyHelp = new KeyHelp(strings);
    const actions: ToolbarActions = {
      show: (shown) => context.do({ type: 'show', shown }),
      zoom: (factor) => this.#focus.zoom(factor),
      fit: () => context.do({ type: 'camera', camera: undefined }),
      copy: (json) => this.#exports.copy(json),
      png: () => void this.#exports.png(this.#palette.background),
      csv: () => this.#exports.csv(),
      seek: (direction) => this.#focus.seek(direction),
    };
    this.#toolbar = makeToolbar(strings, actions, this.#keyHelp.button);
    this.#build(status);
    this.#listen(root);
    void this.#loader.open();
  }

  get rendererName(): string {
    return this.#context.pane.rendererName;
  }

  reload(): void {
    void this.#loader.open();
  }

  #build(status: HTMLElement): void {
    const { strings } = this.#context.words;
    const { pane } = this.#context;
    pane.root.setAttribute('aria-describedby', 'map-help');
    this.#warnings.setAttribute('aria-label', strings.warningsLabel);
    this.#frame.body.append(
      element('header', {}, this.#title, this.#toolbar.root),
      this.#warnings,
      this.#keyHelp.root,
      this.#overview.root,
      this.#scrubber.root,
      pane.root,
      this.#table.root,
      element('p', { id: 'map-help', class: 'hidden' }, strings.mapHelp),
      element('footer', {}, this.#legend.root, this.#scale, status),
    );
    this.#screen.root.prepend(element('h1', { class: 'hidden' }, strings.title));
  }

  #listen(root: HTMLElement): void {
    const redraw = (): void => this.#frame.schedule();
    for (const event of ['redraw', 'focus', 'blur']) {
      this.#context.pane.root.addEventListener(event, redraw);
    }
    this.#frame.watch(root, () => {
      this.#palette = readPalette(root);
    });
  }

  #draw(): void {
    const context = this.#context;
    const { status, failure } = context.model;
    // While a map is reopened, the previous contents stay visible.
    this.#frame.body.hidden = context.model.info === undefined || status === 'failed';
    const retry = (): void => void this.#loader.open();
    const { strings } = context.words;
    if (status === 'failed') this.#screen.set(`${strings.failed} ${failure}`, retry);
    else this.#screen.set(this.#screenText(), undefined);
    if (!context.isOpen) return;
    const { info, words } = context;
    const { shown, selection, bytes, frame } = context.model;
    const map = shown === 'map';
    setText(this.#title, words.title(info, frame));
    this.#title.title = pointOf(info, frame);
    this.#drawWarnings(info);
    this.#legend.draw(info, bytes, context.words);
    this.#scrubber.draw(info, frame);
    this.#toolbar.map.setAttribute('aria-pressed', String(map));
    this.#toolbar.table.setAttribute('aria-pressed', String(!map));
    for (const each of this.#toolbar.copying) each.disabled = selection === undefined;
    for (const each of this.#toolbar.ofMap) each.disabled = !map;
    const tells = info.bytes.changed !== null;
    for (const each of this.#toolbar.ofChanges) each.disabled = !map || !tells;
    context.pane.root.hidden = !map;
    this.#table.root.hidden = map;
    this.#drawMap(info, map);
    if (!map) this.#table.draw(context.model.order);
  }

  /** Returns the text shown if there is no map, or an empty one. */
  #screenText(): string {
    const { model, words } = this.#context;
    const { strings, format } = words;
    if (model.status === 'open') return model.info?.rangeCount === 0 ? strings.empty : '';
    const { progress } = model;
    if (progress === undefined || progress.total === 0) return strings.loading;
    return fill(strings.loadingPhase, format.percent(progress.done, progress.total));
  }

  #drawMap(info: MapInfo, map: boolean): void {
    const { pane, words, model } = this.#context;
    const { strings, format } = words;
    const { tiles } = this.#loader;
    const palette = this.#palette;
    const size = info.virtualSize;
    pane.root.setAttribute('aria-label', fill(strings.mapLabel, words.title(info, model.frame)));
    const overviewLabel = fill(strings.overviewLabel, format.bytes(size));
    this.#overview.root.setAttribute('aria-label', overviewLabel);
    let shown = { start: 0, end: size };
    if (map) {
      const { camera, view } = this.#context;
      const { frame, selection, focus } = model;
      const { hover } = this.#interaction;
      const partitionName = words.partition.bind(words);
      const input = { info, camera, frame, selection, focus, hover, palette, format };
      pane.draw({ ...input, partitionName }, tiles);
      const start = camera.start + camera.shift * camera.bytesPerRow;
      const bytes = (view.height / view.pitch) * camera.bytesPerRow;
      shown = { start, end: Math.min(size, start + bytes) };
      setText(this.#scale, fill(strings.rowScale, format.bytes(camera.bytesPerRow)));
    } else {
      setText(this.#scale, '');
    }
    this.#overview.draw(info, model.frame, shown, tiles, palette);
  }

  #drawWarnings({ warnings }: MapInfo): void {
    this.#warnings.hidden = warnings.length === 0;
    const text = warnings.map(({ message }) => message);
    if (this.#warnings.dataset['shown'] === text.join('\n')) return;
    this.#warnings.dataset['shown'] = text.join('\n');
    this.#warnings.replaceChildren(...text.map((each) => element('li', {}, each)));
  }

  /** Selects a table row's range on the map and brings it into view. */
  #showRow({ start, length }: RangeRow): void {
    const context = this.#context;
    context.do({ type: 'show', shown: 'map' });
    context.do({ type: 'select', selection: { start, end: start + length } });
    this.#draw();
    context.pane.root.focus();
    this.#focus.moveTo(start, false);
  }
}

/** Returns the ID of the shown point, for the heading's tooltip. */
const pointOf = ({ frames, title }: MapInfo, frame: number): string =>
  frames[frame === -1 ? frames.length - 1 : frame]?.point ?? title;
