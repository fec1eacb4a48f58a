import { setTimeout as sleep } from 'node:timers/promises';
import type { Locator } from './playwright.ts';
import { until, type Workbench } from './workbench.ts';

export interface TableRow {
  readonly start: number;
  readonly length: number;
  readonly state: string;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** The change map that is in front. */
export class MapView {
  readonly #workbench: Workbench;

  constructor(workbench: Workbench) {
    this.#workbench = workbench;
  }

  get map(): Locator {
    return this.#workbench.webview.locator('.map');
  }

  get #root(): Locator {
    return this.#workbench.webview.locator('#root');
  }

  button(name: string): Locator {
    return this.#workbench.webview.getByRole('button', { name, exact: true });
  }

  /** Waits until the map is drawn; answers its title. */
  async drawn(): Promise<string> {
    await this.map.waitFor();
    await until('the map has colours', async () => (await this.#colours()).size >= 3);
    return (await this.#workbench.webview.locator('h1:not(.hidden)').textContent()) ?? '';
  }

  /** What the legend says, by name: `Changed` is `34.94 MiB (6.8%)`. */
  async legend(): Promise<ReadonlyMap<string, string>> {
    const lines = await this.#workbench.webview.locator('.legend li').allTextContents();
    return new Map(
      lines.map((line) => {
        const [, name = line, value = ''] = /^(.*?)((?:\d|<).*)$/.exec(line) ?? [];
        return [name.trim(), value];
      }),
    );
  }

  /**
   * Moves the pointer to a pixel of this state's colour; waits until the map says so in words, twice the same, and answers the
   * range it names. The map may be laid out anew in between: the pixel is then another one.
   */
  async hover(state: 'changed' | 'data' | 'empty', words: string): Promise<Range> {
    const tip = this.#workbench.webview.locator('.tooltip');
    let before = '';
    return until(`the map says “${words}”`, async () => {
      const place = await this.map.evaluate(findPixel, state);
      if (place === undefined) return undefined;
      const frame = await this.#frameOffset();
      await this.#workbench.page.mouse.move(frame.x + place.x, frame.y + place.y);
      await sleep(200);
      const text = (await tip.isVisible()) ? await tip.innerText() : '';
      const isSame = text === before;
      before = text;
      const [said, , range = ''] = text.split('\n');
      const [start, end] = range.split(' – ').map(bytes);
      return isSame && said === words && start !== undefined && end !== undefined && { start, end };
    });
  }

  /** Rows of the table that are in view, from the top. */
  async rows(): Promise<readonly TableRow[]> {
    return until('the rows are there', async () => {
      const texts = await this.#root.evaluate((root) =>
        [...root.querySelectorAll('[role=grid] .visible [role=row]')].map((row) =>
          [...row.children].map((cell) => cell.textContent ?? ''),
        ),
      );
      if (texts.length === 0 || texts.some(([, , state]) => state === '')) return undefined;
      return texts.map(([start = '', length = '', state = '']) => ({
        start: bytes(start),
        length: bytes(length),
        state,
      }));
    });
  }

  /** How many rows the table has, those out of view included. */
  async rowCount(): Promise<number> {
    const grid = this.#workbench.webview.locator('[role=grid]');
    return Number(await grid.getAttribute('aria-rowcount')) - 1;
  }

  async #colours(): Promise<ReadonlySet<number>> {
    return new Set(await this.map.evaluate(coloursOf));
  }

  /** Where the page inside begins in the window. */
  async #frameOffset(): Promise<{ readonly x: number; readonly y: number }> {
    const box = await this.#workbench.page
      .locator('iframe.webview.ready >> visible=true')
      .boundingBox();
    if (box === null) throw new Error('no webview is seen');
    return box;
  }
}

const bytes = (text: string): number => Number(/^[\d.,\s]+/.exec(text)?.[0].replace(/\D/g, ''));

/** Every colour of the map's cells, as numbers. Runs in the page. */
async function coloursOf(map: HTMLElement): Promise<number[]> {
  map.dispatchEvent(new Event('redraw'));
  await new Promise((done) => requestAnimationFrame(done));
  const layer = map.querySelector<HTMLCanvasElement>('.layer');
  if (layer === null || layer.width === 0) return [];
  const copy = document.createElement('canvas');
  copy.width = layer.width;
  copy.height = layer.height;
  const context = copy.getContext('2d');
  if (context === null) return [];
  context.drawImage(layer, 0, 0);
  const { data } = context.getImageData(0, 0, copy.width, copy.height);
  return [...new Set(new Uint32Array(data.buffer))];
}

/** A pixel of a state's colour with its like on both sides, in the coordinates of its page. Runs in the page. */
async function findPixel(
  map: HTMLElement,
  state: string,
): Promise<{ x: number; y: number } | undefined> {
  map.dispatchEvent(new Event('redraw'));
  await new Promise((done) => requestAnimationFrame(done));
  const layer = map.querySelector<HTMLCanvasElement>('.layer');
  const swatch = document.querySelector(`.swatch.${state}`);
  if (layer === null || swatch === null) return undefined;
  const copy = document.createElement('canvas');
  copy.width = layer.width;
  copy.height = layer.height;
  const context = copy.getContext('2d');
  if (context === null) return undefined;
  context.fillStyle = getComputedStyle(swatch).backgroundColor;
  context.fillRect(0, 0, 1, 1);
  const wanted = new Uint32Array(context.getImageData(0, 0, 1, 1).data.buffer)[0];
  context.clearRect(0, 0, 1, 1);
  context.drawImage(layer, 0, 0);
  const { data } = context.getImageData(0, 0, copy.width, copy.height);
  const pixels = new Uint32Array(data.buffer);
  const box = layer.getBoundingClientRect();
  for (let i = 3; i < pixels.length - 3; i++) {
    const run = pixels.subarray(i - 3, i + 4);
    if (!run.every((each) => each === wanted)) continue;
    return {
      x: box.left + ((i % copy.width) * box.width) / copy.width,
      y: box.top + (Math.floor(i / copy.width) * box.height) / copy.height + 2,
    };
  }
  return undefined;
}
