/** A theme colour for drawing the map: red, green, blue from 0 to 255. */
export type Colour = readonly [number, number, number];

export interface Palette {
  readonly empty: Colour;
  readonly changed: Colour;
  readonly data: Colour;
  readonly zero: Colour;
  readonly unknown: Colour;
  /** Colour of lines and texts on the map. */
  readonly text: string;
  readonly muted: string;
  readonly background: string;
  readonly focus: string;
  readonly selection: string;
  readonly font: string;
  /** High contrast: states differ by pattern, not only by colour. */
  readonly patterns: boolean;
}

/** Reads the colours that the style sheet derives from VS Code's. */
export function readPalette(root: HTMLElement): Palette {
  const style = getComputedStyle(root);
  const text = (name: string): string => style.getPropertyValue(name).trim();
  const parse = colourParser();
  const colour = (name: string): Colour => parse(text(name));
  const kind = document.body.dataset['vscodeThemeKind'] ?? '';
  return {
    empty: colour('--map-empty'),
    changed: colour('--map-changed'),
    data: colour('--map-data'),
    zero: colour('--map-zero'),
    unknown: colour('--map-unknown'),
    text: text('--map-text'),
    muted: text('--map-muted'),
    background: text('--map-background'),
    focus: text('--map-focus'),
    selection: text('--map-selection'),
    font: `11px ${style.fontFamily}`,
    patterns:
      kind.startsWith('vscode-high-contrast') || matchMedia('(forced-colors: active)').matches,
  };
}

/** Parses colours with a canvas, which accepts every CSS syntax. */
function colourParser(): (text: string) => Colour {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  return (text) => {
    if (context === null) return [128, 128, 128];
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = text;
    context.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
    return [red, green, blue];
  };
}
