import type { PartitionInfo } from '../../../engine/api/guest/inspection.ts';
import type { Format } from '../../common/words/format.ts';
import { pointOf, type Camera, type Viewport } from '../scene/camera.ts';
import type { Palette } from '../scene/colours.ts';
import { strips } from '../scene/geometry.ts';
import { onCell } from '../state/keyboard.ts';
import type { Selection } from '../state/store.ts';

export interface OverlayInput {
  readonly camera: Camera;
  readonly view: Viewport;
  readonly size: number;
  readonly cellHeight: number;
  /** Bytes per cell. */
  readonly cell: number;
  readonly gutter: number;
  readonly palette: Palette;
  readonly format: Format;
  readonly partitions: readonly PartitionInfo[];
  readonly partitionName: (partition: PartitionInfo) => string;
  readonly selection: Selection | undefined;
  /** The focused byte; undefined without keyboard focus. */
  readonly focus: number | undefined;
  /** The range under the pointer. */
  readonly hover: Selection | undefined;
}

const LABEL_PAD = 4;
/** Maximum number of characters that fit into the gutter. */
const LONGEST_LABEL = 12;

/** Draws the layer above the cells: offsets, brackets of partitions, the selection, the focus. */
export function drawOverlay(context: CanvasRenderingContext2D, input: OverlayInput): void {
  const { view, gutter, palette } = input;
  context.clearRect(0, 0, view.width + gutter, view.height);
  context.font = palette.font;
  context.textBaseline = 'middle';
  drawOffsets(context, input);
  context.save();
  context.beginPath();
  context.rect(gutter - 1, 0, view.width + 2, view.height);
  context.clip();
  context.translate(gutter, 0);
  for (const partition of input.partitions) drawPartition(context, input, partition);
  if (input.hover !== undefined) outline(context, input, input.hover, palette.text, 1);
  if (input.selection !== undefined) {
    tint(context, input, input.selection);
    outline(context, input, input.selection, palette.selection, 2);
  }
  if (input.focus !== undefined) drawFocus(context, input, input.focus);
  context.restore();
}

function drawOffsets(context: CanvasRenderingContext2D, input: OverlayInput): void {
  const { camera, view, size, gutter, palette, format, cellHeight } = input;
  context.fillStyle = palette.muted;
  context.textAlign = 'right';
  const rows = Math.ceil(view.height / view.pitch + camera.shift);
  for (let row = 0; row < rows; row++) {
    const offset = camera.start + row * camera.bytesPerRow;
    if (offset >= size) break;
    const y = (row - camera.shift) * view.pitch + cellHeight / 2;
    context.fillText(rowLabel(offset, format), gutter - 8, y);
  }
}

/**
 * Returns the label of a row's offset: exact if that is short, so that labels of different rows
 * differ.
 */
function rowLabel(offset: number, format: Format): string {
  const exact = format.exactBytes(offset);
  return exact.length <= LONGEST_LABEL ? exact : format.bytes(offset);
}

/**
 * Draws a line below the cells with an upright at each end, and the name at its first visible
 * place.
 */
function drawPartition(
  context: CanvasRenderingContext2D,
  input: OverlayInput,
  partition: PartitionInfo,
): void {
  const { camera, view, cellHeight, palette } = input;
  const range = { start: partition.start, end: partition.start + partition.length };
  const drawn = strips(camera, view, range);
  context.strokeStyle = palette.text;
  context.fillStyle = palette.text;
  context.lineWidth = 1;
  context.textAlign = 'left';
  const name = input.partitionName(partition);
  let named = false;
  for (const { x0, x1, y, opens, closes } of drawn) {
    const top = Math.round(y + cellHeight) + 2.5;
    const left = Math.round(x0) + 0.5;
    const right = Math.max(left + 1, Math.round(x1) - 0.5);
    context.beginPath();
    if (opens) context.moveTo(left, top + 6);
    context.lineTo(left, top);
    context.lineTo(right, top);
    if (closes) context.lineTo(right, top + 6);
    context.stroke();
    if (named || (y < 0 && drawn.length > 1)) continue;
    named = label(context, name, left + LABEL_PAD, right - LABEL_PAD, top + 6);
  }
}

/** Draws a name between two x positions, truncated if needed; returns whether any of it fits. */
function label(
  context: CanvasRenderingContext2D,
  name: string,
  left: number,
  right: number,
  y: number,
): boolean {
  let text = name;
  while (text.length > 3 && context.measureText(text).width > right - left) {
    text = `${text.slice(0, -2).trimEnd()}…`;
  }
  if (context.measureText(text).width > right - left) return false;
  context.fillText(text, left, y);
  return true;
}

function outline(
  context: CanvasRenderingContext2D,
  { camera, view, cellHeight }: OverlayInput,
  range: Selection,
  colour: string,
  width: number,
): void {
  context.strokeStyle = colour;
  context.lineWidth = width;
  for (const { x0, x1, y, opens, closes } of strips(camera, view, range)) {
    const inset = width / 2;
    const [left, right] = [x0 + inset, Math.max(x0 + inset + 1, x1 - inset)];
    const [top, bottom] = [Math.round(y) + inset, Math.round(y + cellHeight) - inset];
    context.beginPath();
    if (opens) {
      context.moveTo(left, top);
      context.lineTo(left, bottom);
    }
    if (closes) {
      context.moveTo(right, top);
      context.lineTo(right, bottom);
    }
    context.moveTo(left, top);
    context.lineTo(right, top);
    context.moveTo(left, bottom);
    context.lineTo(right, bottom);
    context.stroke();
  }
}

function tint(
  context: CanvasRenderingContext2D,
  { camera, view, cellHeight, palette }: OverlayInput,
  range: Selection,
): void {
  context.save();
  context.globalAlpha = 0.25;
  context.fillStyle = palette.selection;
  for (const { x0, x1, y } of strips(camera, view, range)) {
    context.fillRect(x0, Math.round(y), x1 - x0, cellHeight);
  }
  context.restore();
}

/**
 * Draws a ring around the cell, with a minimum size, light and dark, so that it is visible on any
 * colour.
 */
function drawFocus(
  context: CanvasRenderingContext2D,
  { camera, view, cellHeight, cell, palette }: OverlayInput,
  focus: number,
): void {
  // The ring encloses the whole cell, unless the cell begins in the row above.
  const { x: own, y } = pointOf(camera, view, focus);
  const cellStart = pointOf(camera, view, onCell(focus, cell));
  const x = cellStart.y === y ? cellStart.x : Math.min(own, 0);
  const wide = Math.max(6, (cell / camera.bytesPerRow) * view.width);
  const left = Math.min(x, view.width - wide);
  context.lineWidth = 4;
  context.strokeStyle = palette.background;
  context.strokeRect(left - 1, y - 1, wide + 2, cellHeight + 2);
  context.lineWidth = 2;
  context.strokeStyle = palette.focus;
  context.strokeRect(left - 1, y - 1, wide + 2, cellHeight + 2);
}
