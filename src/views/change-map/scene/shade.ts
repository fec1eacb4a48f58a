import type { Colour, Palette } from './colours.ts';

/**
 * Converts a cell's coverage to a colour, as the shader in gl/shaders.ts does. States are drawn
 * over one another in this order: not allocated, unknown, zeros, data, changed. A cell with any
 * bytes of a state shows at least LEAST of its colour; in high contrast all of it.
 */
const LEAST = 0.7;

export const leastOf = ({ patterns }: Palette): number => (patterns ? 1 : LEAST);

/**
 * Patterns of high contrast, by device pixel: changed is solid, data has stripes, zeros have dots,
 * unknown has sparse fine dots.
 */
const PATTERNS = {
  data: (x: number, y: number): boolean => (x + y) % 6 < 3,
  zero: (x: number, y: number): boolean => x % 4 < 2 && y % 4 < 2,
  unknown: (x: number, y: number): boolean => x % 6 === 0 && y % 6 === 2,
} as const;

/** Writes the colour of a cell at a pixel into an image's bytes. */
export function shade(
  palette: Palette,
  cells: ArrayLike<number>,
  at: number,
  x: number,
  y: number,
  out: Uint8ClampedArray,
  to: number,
): void {
  const { patterns } = palette;
  const least = leastOf(palette);
  let [red, green, blue] = palette.empty as [number, number, number];
  const lay = (coverage: number, colour: Colour, shown: boolean): void => {
    if (coverage === 0 || !shown) return;
    const s = least + (1 - least) * (coverage / 255);
    red += (colour[0] - red) * s;
    green += (colour[1] - green) * s;
    blue += (colour[2] - blue) * s;
  };
  lay(cells[at + 3] as number, palette.unknown, !patterns || PATTERNS.unknown(x, y));
  lay(cells[at + 2] as number, palette.zero, !patterns || PATTERNS.zero(x, y));
  lay(cells[at + 1] as number, palette.data, !patterns || PATTERNS.data(x, y));
  lay(cells[at] as number, palette.changed, true);
  out[to] = red;
  out[to + 1] = green;
  out[to + 2] = blue;
  out[to + 3] = 255;
}
