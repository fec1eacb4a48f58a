/**
 * Resizes a canvas to its element's size, clears it, and scales it to CSS pixels; undefined if it
 * cannot be drawn.
 */
export function fitCanvas(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
): CanvasRenderingContext2D | undefined {
  const ratio = globalThis.devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.max(1, Math.round(height * ratio));
  const context = canvas.getContext('2d');
  context?.scale(ratio, ratio);
  return context ?? undefined;
}
