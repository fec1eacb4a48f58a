import type { AnatomyInfo } from '../../engine/api/anatomy.ts';
import type { ImageFix } from '../../engine/api/disk-contents.ts';
import type { DiskAnatomyInit, DiskAnatomyState, SideId, TabId } from '../api/disk-anatomy.ts';
import { messageOf } from '../common/frame/channel-client.ts';
import { element } from '../common/dom.ts';
import { fill, Format } from '../common/words/format.ts';
import type { ViewFrame } from '../common/frame/view-frame.ts';
import { viewParts } from '../common/frame/view-parts.ts';
import { Tabs } from '../common/tabs.ts';
import { BlockMap } from './blocks/block-map.ts';
import { DamageBanner } from './damage-banner.ts';
import { FileBoxes } from './file/file-boxes.ts';
import { FileStrip } from './file/file-strip.ts';
import { FindingsList } from './findings-list.ts';
import { Header } from './header.ts';
import { HexPane } from './hex/hex-pane.ts';
import { SectorsPane } from './hex/sectors-pane.ts';
import { KindLegend } from './file/kind-legend.ts';
import { allFindings } from './state/all-findings.ts';
import { Loader } from './state/loader.ts';
import { readPalette, type Palette } from './state/palette.ts';
import { ParentsList } from './parents-list.ts';
import { PartsList } from './file/parts-list.ts';
import { TIMEOUTS, type Channel } from './state/requests.ts';
import { Screen } from './state/screen.ts';
import { screenOf } from './state/screen-of.ts';
import { initialModel, reduce, type Marked, type ViewModel } from './state/store.ts';
import { StructureTree } from './structure-tree.ts';
import { ViewContext } from './state/view-context.ts';
import { Words } from './state/words.ts';

export interface ViewOptions {
  readonly init: DiskAnatomyInit;
  readonly kept: DiskAnatomyState | undefined;
  readonly channel: Channel;
  /** Stores the state for a reload. */
  readonly keep: (model: ViewModel) => void;
}

/** The whole view: one model, drawn at most once per animation frame. */
export class DiskAnatomyView {
  readonly #context: ViewContext;
  readonly #loader: Loader;
  readonly #header: Header;
  readonly #strip: FileStrip;
  readonly #boxes: FileBoxes;
  readonly #legend: KindLegend;
  readonly #tree: StructureTree;
  readonly #parts: PartsList;
  readonly #blocks: BlockMap;
  readonly #parents: ParentsList;
  readonly #findings: FindingsList;
  readonly #tabs: Tabs<TabId>;
  readonly #banner: DamageBanner;
  readonly #sides: Tabs<SideId>;
  readonly #hex: HexPane;
  readonly #sectors: SectorsPane;
  readonly #screen: Screen;
  readonly #frame: ViewFrame;
  #palette: Palette;
  #shown: AnatomyInfo | undefined;

  constructor(root: HTMLElement, { init, kept, channel, keep }: ViewOptions) {
    const { strings, language, name } = init;
    const words = new Words(strings, new Format(language), name);
    this.#palette = readPalette(root);
    this.#screen = new Screen(name);
    const { frame, status, bound } = viewParts<ViewModel>(root, {
      screen: this.#screen.root,
      retryText: strings.retry,
      statusClass: 'status',
      keep,
      draw: () => this.#draw(),
    });
    this.#frame = frame;
    const model = initialModel(kept);
    const context = new ViewContext((marked) => this.#showBytes(marked), {
      model,
      reduce,
      channel,
      words,
      ...bound,
    });
    this.#context = context;
    this.#loader = new Loader(context, {
      onOpened: (again) => {
        // After a reload of the file the view stays in place; a restored state is scrolled into
        // view.
        if (!again) this.#hex.reveal(context.model.marked);
        else context.say(strings.reloaded);
      },
      onLoaded: () => this.#frame.schedule(),
      onTrouble: (message, retry) => this.#frame.notice.set(message, retry),
    });
    this.#header = new Header(words, () => this.#loader.retry());
    this.#strip = new FileStrip(context);
    this.#boxes = new FileBoxes(context);
    this.#legend = new KindLegend(words);
    this.#tree = new StructureTree(context, (text) => this.#copy(text));
    this.#parts = new PartsList(context);
    this.#blocks = new BlockMap(context, this.#loader);
    this.#parents = new ParentsList(context);
    this.#findings = new FindingsList(context);
    this.#tabs = new Tabs<TabId>(
      strings.panes,
      [
        { id: 'structure', label: strings.structure, panel: this.#tree.panel },
        { id: 'parts', label: strings.parts, panel: this.#parts.panel },
        { id: 'blocks', label: strings.blocks, panel: this.#blocks.panel },
        { id: 'parents', label: strings.parents, panel: this.#parents.panel },
        { id: 'findings', label: strings.findings, panel: this.#findings.panel },
      ],
      (tab) => context.do({ type: 'tab', tab }),
    );
    this.#hex = new HexPane(context, this.#loader, {
      showInTree: (key) => {
        context.do({ type: 'tab', tab: 'structure' });
        this.#tree.reveal(key);
        this.#draw();
        this.#tree.focus();
      },
      copy: (text) => this.#copy(text),
    });
    this.#sectors = new SectorsPane(context, this.#loader, (text) => this.#copy(text));
    this.#sides = new Tabs<SideId>(
      strings.sides,
      [
        { id: 'bytes', label: strings.bytes, panel: this.#hex.panel },
        { id: 'sectors', label: strings.sectors, panel: this.#sectors.panel },
      ],
      (side) => context.do({ type: 'side', side }),
    );
    this.#banner = new DamageBanner(context, {
      showSector: ({ start, length }) => {
        context.do({ type: 'side', side: 'sectors' });
        this.#sectors.jump(start, length);
      },
      showFindings: () => context.do({ type: 'tab', tab: 'findings' }),
      fix: (fix) => this.#fix(fix),
    });
    this.#build(root, status);
    this.#loader.open();
  }

  reload(): void {
    this.#loader.open();
  }

  #build(root: HTMLElement, status: HTMLElement): void {
    const { strings } = this.#context.words;
    const map = element('section', { class: 'file-map', 'aria-label': strings.fileMap });
    map.append(this.#strip.root, this.#boxes.root, this.#legend.root);
    const panes = element('div', { class: 'panes' }, this.#tabs.root, this.#sides.root);
    this.#frame.body.append(this.#header.root, this.#banner.root, map, panes, status);
    this.#frame.watch(panes, () => {
      this.#palette = readPalette(root);
      this.#hex.forgetMeasures();
      this.#sectors.forgetMeasures();
    });
  }

  #draw(): void {
    const { model, words } = this.#context;
    const { lines, steps } = screenOf(model, words.strings, {
      retry: () => this.#loader.retry(),
      showBytes: () => this.#context.do({ type: 'bytesAnyway' }),
      reopenAsText: () => this.#ask('reopenAsText'),
    });
    this.#screen.show(lines, steps);
    this.#frame.body.hidden = lines.length > 0 || model.info === undefined;
    this.#frame.body.setAttribute('aria-busy', String(model.status === 'loading'));
    if (this.#frame.body.hidden || model.info === undefined) return;
    this.#drawFile(model.info);
  }

  #drawFile(info: AnatomyInfo): void {
    const { model, words } = this.#context;
    if (info !== this.#shown) {
      this.#shown = info;
      this.#header.show(info);
      this.#legend.show(info);
      this.#tabs.setHidden('blocks', info.blocks === null);
      this.#tabs.setHidden('parents', info.parents.length === 0);
    }
    const { findings, findingsCount } = words.strings;
    // Findings that only inform are not counted.
    const wrong = allFindings(info, model.survey).filter(({ severity }) => severity !== 'info');
    const count = wrong.length;
    const label = count === 0 ? findings : fill(findingsCount, words.format.count(count));
    this.#tabs.setLabel('findings', label);
    this.#tabs.choose(model.tab);
    this.#strip.draw(info, this.#palette);
    this.#boxes.draw(info);
    this.#tree.draw(info);
    this.#parts.draw(info);
    this.#blocks.draw(info, this.#palette);
    this.#parents.draw(info);
    this.#findings.draw(info);
    this.#banner.draw();
    this.#sides.choose(model.side);
    this.#hex.draw(info);
    this.#sectors.draw(info);
  }

  /** Brings selected bytes of the file into view. */
  #showBytes(marked: Marked): void {
    this.#hex.reveal(marked);
    this.#context.do({ type: 'side', side: 'bytes' });
  }

  #fix(fix: ImageFix): void {
    this.#context.channel
      .request('fix', { fix }, { timeoutMs: TIMEOUTS.parent })
      .catch((error: unknown) => this.#context.say(messageOf(error)));
  }

  #copy(text: string): void {
    const { channel, words } = this.#context;
    const short = text.length > 80 ? `${text.slice(0, 80)}…` : text;
    channel.request('copy', { text }, { timeoutMs: TIMEOUTS.copy }).then(
      () => this.#context.say(fill(words.strings.copied, short)),
      (error: unknown) => this.#context.say(messageOf(error)),
    );
  }

  #ask(method: 'reopenAsText'): void {
    this.#context.channel
      .request(method, {}, { timeoutMs: TIMEOUTS.parent })
      .catch((error: unknown) => this.#frame.notice.set(messageOf(error), undefined));
  }
}
