import type { AnatomyInfo } from '../../../engine/api/anatomy.ts';
import { element } from '../../common/dom.ts';
import { fill } from '../../common/words/format.ts';
import { importance, partAt } from './file-parts.ts';
import { fitCanvas } from '../state/fit-canvas.ts';
import type { Palette } from '../state/palette.ts';
import type { ViewContext } from '../state/view-context.ts';

/** Minimum width of structures, in pixels: they are small compared with payload. */
const LEAST_PIXELS = 2;
const STEPS = 100;
const ROW = 16;

/**
 * The whole file to scale, with a mark at the visible bytes. Pointer and keys move as on a slider.
 */
export class FileStrip {
  readonly root: HTMLElement;
  readonly #canvas = element('canvas', { class: 'strip', 'aria-hidden': 'true' });
  readonly #mark = element('div', { class: 'mark' });
  readonly #context: ViewContext;
  #drawn: readonly unknown[] = [];

  constructor(context: ViewContext) {
    this.#context = context;
    this.root = element('div', {
      class: 'file-strip',
      role: 'slider',
      tabindex: 0,
      'aria-label': context.words.strings.fileStrip,
      'aria-valuemin': 0,
      'aria-valuemax': STEPS,
    });
    this.root.append(this.#canvas, this.#mark);
    this.root.addEventListener('pointerdown', (event) => {
      this.root.setPointerCapture(event.pointerId);
      this.#point(event);
    });
    this.root.addEventListener('pointermove', (event) => {
      if (this.root.hasPointerCapture(event.pointerId)) this.#point(event);
    });
    this.root.addEventListener('keydown', (event) => this.#key(event));
  }

  draw(info: AnatomyInfo, palette: Palette): void {
    const { marked } = this.#context.model;
    const { fileSize, regions } = info;
    const share = fileSize === 0 ? 0 : marked.offset / fileSize;
    this.#mark.style.left = `${share * 100}%`;
    this.root.setAttribute('aria-valuenow', String(Math.round(share * STEPS)));
    const part = partAt(regions, marked.offset);
    const { words } = this.#context;
    const here = words.offset(marked.offset);
    const text = part === undefined ? here : fill(words.strings.blockState, here, part.label);
    this.root.setAttribute('aria-valuetext', text);
    const { clientWidth, clientHeight } = this.#canvas;
    const drawn = [info, palette, clientWidth, clientHeight, globalThis.devicePixelRatio];
    if (drawn.every((each, i) => each === this.#drawn[i])) return;
    this.#drawn = drawn;
    const canvas = fitCanvas(this.#canvas, clientWidth, clientHeight);
    if (canvas === undefined) return;
    const scale = clientWidth / Math.max(1, fileSize);
    // Draw important parts last, so that they are not covered.
    const ordered = regions.toSorted((a, b) => importance(a.kind) - importance(b.kind));
    for (const { kind, start, length } of ordered) {
      canvas.fillStyle = palette.kinds[kind];
      const least = kind === 'unused' ? 0 : LEAST_PIXELS;
      canvas.fillRect(start * scale, 0, Math.max(least, length * scale), clientHeight);
    }
  }

  #point({ clientX }: PointerEvent): void {
    const box = this.root.getBoundingClientRect();
    this.#go((clientX - box.left) / Math.max(1, box.width));
  }

  #go(share: number): void {
    const { fileSize } = this.#context.info;
    const last = Math.max(0, fileSize - 1);
    const offset = Math.min(last, Math.floor(Math.max(0, Math.min(1, share)) * fileSize));
    // A pixel stands for many bytes, so jump to the start of a row.
    this.#context.jump(Math.floor(offset / ROW) * ROW, 1);
  }

  #key(event: KeyboardEvent): void {
    const { info, model } = this.#context;
    const now = model.marked.offset / Math.max(1, info.fileSize);
    const steps: Readonly<Record<string, number>> = {
      ArrowLeft: now - 1 / STEPS,
      ArrowDown: now - 1 / STEPS,
      ArrowRight: now + 1 / STEPS,
      ArrowUp: now + 1 / STEPS,
      PageDown: now - 10 / STEPS,
      PageUp: now + 10 / STEPS,
      Home: 0,
      End: 1,
    };
    const to = steps[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.#go(to);
  }
}
