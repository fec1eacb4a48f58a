import type { AnatomyInfo } from '../../../engine/api/anatomy.ts';
import type { SectorPiece } from '../../../engine/api/disk-contents.ts';
import { element, setText } from '../../common/dom.ts';
import { GoTo } from '../../common/hex/go-to.ts';
import { hexByte, hexOffset } from '../../common/hex/hex-format.ts';
import { HexGrid } from '../../common/hex/hex-grid.ts';
import { fill } from '../../common/words/format.ts';
import { CHUNK, type Loader } from '../state/loader.ts';
import type { ViewContext } from '../state/view-context.ts';
import { SearchBar } from './search-bar.ts';

const MOST_COPIED = 65_536;

/** The sectors of the virtual disk, with the layer that each comes from. */
export class SectorsPane {
  readonly panel: HTMLElement;
  readonly #context: ViewContext;
  readonly #loader: Loader;
  readonly #copyText: (text: string) => void;
  readonly #goTo: GoTo;
  readonly #search: SearchBar;
  readonly #grid: HexGrid;
  readonly #empty = element('p', { class: 'empty', role: 'status' });
  readonly #where = element('p', { class: 'where' });
  readonly #origin = element('p', { class: 'origin' });
  readonly #layers = element('ul', { class: 'layers' });
  #legend: readonly string[] | undefined;

  constructor(context: ViewContext, loader: Loader, copy: (text: string) => void) {
    this.#context = context;
    this.#loader = loader;
    this.#copyText = copy;
    const { words } = context;
    const { strings } = words;
    const size = (): number => context.model.survey?.virtualSize ?? 0;
    const focus = (): void => this.#grid.root.focus();
    const jump = (offset: number, length: number): void => this.jump(offset, length);
    this.#goTo = new GoTo({
      id: 'go-to-sector',
      texts: strings,
      format: words.format,
      example: strings.goToSector,
      behind: strings.diskBehind,
      sectorSize: () => context.model.survey?.sectorSize ?? 512,
      now: () => context.model.sector.offset,
      size,
      go: (offset) => jump(offset, 1),
      went: focus,
    });
    this.#search = new SearchBar(context, {
      space: 'disk',
      from: () => Math.min(size(), context.model.sector.offset + 1),
      found: (match) => jump(match.offset, match.length),
      focus,
    });
    this.#grid = new HexGrid({
      label: words.named(strings.sectorsLabel),
      texts: strings,
      helpId: 'bytes-help',
      idPrefix: 'sectors',
      mark: (marked) => {
        context.do({ type: 'sector', marked });
        this.#tell();
        context.say(`${this.#where.textContent ?? ''} — ${this.#origin.textContent ?? ''}`);
      },
      command: (command) => {
        if (command === 'copy') void this.#copy();
        else if (command === 'goTo') this.#goTo.focus();
        else this.#search.focus();
      },
    });
    this.#layers.setAttribute('aria-label', strings.layers);
    this.panel = element(
      'div',
      { class: 'hex' },
      element('div', { class: 'hex-bar' }, this.#goTo.root, this.#search.root),
      this.#layers,
      this.#grid.root,
      this.#empty,
      this.#where,
      this.#origin,
    );
  }

  /** Selects bytes of the disk and brings them into view. */
  jump(offset: number, length: number): void {
    this.#context.do({ type: 'sector', marked: { offset, length } });
    this.#grid.reveal(this.#context.model.sector.offset);
  }

  forgetMeasures(): void {
    this.#grid.forgetMeasures();
  }

  draw(_info: AnatomyInfo): void {
    const { model, words } = this.#context;
    const { survey, surveyFailure } = model;
    const size = survey?.virtualSize ?? 0;
    const none = size === 0;
    this.#empty.hidden = !none;
    const { strings } = words;
    const reason = survey === undefined ? strings.surveying : strings.sectorsNone;
    setText(this.#empty, surveyFailure ?? reason);
    for (const each of [this.#grid.root, this.#where, this.#origin, this.#layers]) {
      each.hidden = none;
    }
    if (none || survey === undefined) return;
    this.#drawLayers(survey.layers);
    this.#grid.draw({
      size,
      version: this.#loader.sectors.version,
      marked: model.sector,
      bytes: (offset, count) => this.#bytes(offset, count),
      want: (start, end) => this.#want(start, end),
      kind: (offset) => originClass(this.#loader.pieceAt(offset)),
    });
    this.#tell();
  }

  #drawLayers(layers: readonly string[]): void {
    if (layers === this.#legend) return;
    this.#legend = layers;
    const { strings } = this.#context.words;
    const item = (className: string, text: string, title = text): HTMLElement =>
      element('li', { title }, element('span', { class: `swatch ${className}` }), text);
    this.#layers.replaceChildren(
      ...layers.slice(0, MOST_NAMED).map((path, i) => item(`layer-${i % 6}`, nameOf(path), path)),
      ...(layers.length > MOST_NAMED
        ? [element('li', {}, fill(strings.layersMore, String(layers.length - MOST_NAMED)))]
        : []),
      item('origin-zero', strings.originZero),
      item('origin-hole', strings.originHole),
      item('origin-lost', strings.originLost),
    );
  }

  #bytes(offset: number, count: number): readonly (number | undefined)[] {
    const chunk = this.#loader.sectors.get(Math.floor(offset / CHUNK))?.bytes;
    const at = offset % CHUNK;
    return Array.from({ length: count }, (_, i) => chunk?.[at + i]);
  }

  #want(start: number, end: number): void {
    const first = Math.floor(start / CHUNK);
    const last = Math.floor((end - 1) / CHUNK);
    const active = Math.floor(this.#context.model.sector.offset / CHUNK);
    const chunks = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    if (!chunks.includes(active)) chunks.push(active);
    this.#loader.sectors.want(chunks);
  }

  /** Says where the selected byte lies, and which layer it comes from. */
  #tell(): void {
    const { model, words } = this.#context;
    const { survey, sector } = model;
    if (survey === undefined) return;
    const { strings, format } = words;
    const number = Math.floor(sector.offset / survey.sectorSize);
    const place = words.offset(sector.offset);
    const length = sector.length === 1 ? '' : `${format.bytes(sector.length)}, `;
    setText(this.#where, length + fill(strings.sectorAt, format.count(number), place));
    setText(this.#origin, this.#originOf(sector.offset, survey.layers));
  }

  #originOf(offset: number, layers: readonly string[]): string {
    const { strings } = this.#context.words;
    const piece = this.#loader.pieceAt(offset);
    if (piece === undefined) return '';
    const { kind, layer, fileOffset, code, start } = piece;
    const name = layer === null ? '' : nameOf(layers[layer] ?? '');
    if (kind === 'lost') return fill(strings.fromLost, code ?? '');
    if (kind === 'hole') return strings.fromHole;
    if (kind === 'zero') return fill(strings.fromZero, name);
    return fileOffset === null
      ? fill(strings.fromCompressed, name)
      : fill(strings.fromData, name, hexOffset(fileOffset + offset - start));
  }

  async #copy(): Promise<void> {
    const { words, model } = this.#context;
    const { offset, length } = model.sector;
    if (length > MOST_COPIED) {
      const most = words.format.bytes(MOST_COPIED);
      return this.#context.say(fill(words.strings.copyTooMuch, most));
    }
    try {
      const { bytes } = await this.#loader.readSectors(offset, length);
      this.#copyText([...bytes].map(hexByte).join(' '));
    } catch (error) {
      this.#context.say(error instanceof Error ? error.message : String(error));
    }
  }
}

/** Maximum number of layers in the legend. */
const MOST_NAMED = 6;

const nameOf = (path: string): string => path.split(/[\\/]/).at(-1) ?? path;

function originClass(piece: SectorPiece | undefined): string {
  if (piece === undefined) return '';
  return piece.kind === 'data' ? `layer-${(piece.layer ?? 0) % 6}` : `origin-${piece.kind}`;
}
