import type { Cell } from '../state/block-tile.ts';
import type { Palette } from '../state/palette.ts';

/** Minimum size of a cell with a figure, in pixels. */
const ROOM = 8;

/**
 * Draws a cell: its colour, and a figure that distinguishes states without colours. If only some of
 * its blocks are in the file, fills the cell from below by their share; even one of thousands stays
 * visible.
 */
export function drawCell(
  canvas: CanvasRenderingContext2D,
  cell: Cell | undefined,
  x: number,
  y: number,
  size: number,
  palette: Palette,
): void {
  if (cell === undefined) {
    canvas.strokeStyle = palette.border;
    canvas.strokeRect(x + size / 2 - 0.5, y + size / 2 - 0.5, 1, 1);
    return;
  }
  const { state, held } = cell;
  const colour = palette.states[state];
  canvas.fillStyle = colour;
  canvas.strokeStyle = colour;
  canvas.lineWidth = 1;
  const outline = (): void => canvas.strokeRect(x + 0.5, y + 0.5, size - 1, size - 1);
  const line = (x0: number, y0: number, x1: number, y1: number): void => {
    canvas.beginPath();
    canvas.moveTo(x + x0, y + y0);
    canvas.lineTo(x + x1, y + y1);
    canvas.stroke();
  };
  if (state !== 'present' && state !== 'partial' && held > 0) {
    const tall = Math.max(2, Math.round(held * (size - 2)));
    canvas.fillStyle = palette.states.present;
    canvas.fillRect(x + 1, y + size - 1 - tall, size - 2, tall);
    canvas.fillStyle = colour;
  }
  switch (state) {
    case 'present':
      canvas.fillRect(x, y, size, size);
      return;
    case 'partial':
      outline();
      canvas.beginPath();
      canvas.moveTo(x, y + size);
      canvas.lineTo(x, y);
      canvas.lineTo(x + size, y + size);
      canvas.fill();
      return;
    case 'zero':
      outline();
      if (size >= ROOM) canvas.fillRect(x + size / 2 - 1.5, y + size / 2 - 1.5, 3, 3);
      return;
    case 'notPresent':
      outline();
      return;
    case 'unmapped':
      outline();
      line(2, size / 2, size - 2, size / 2);
      return;
    case 'undefined':
      outline();
      line(1, size - 1, size - 1, 1);
      return;
    case 'bad':
      canvas.fillRect(x, y, size, size);
      canvas.strokeStyle = palette.background;
      canvas.lineWidth = 2;
      line(2, 2, size - 2, size - 2);
      line(2, size - 2, size - 2, 2);
  }
}
