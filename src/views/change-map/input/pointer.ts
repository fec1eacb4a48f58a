/** Pointer actions on the map; points are CSS pixels relative to the cells. */
export interface PointerTarget {
  /** Events are ignored unless a map is shown. */
  readonly ready: () => boolean;
  readonly wheelRows: (rows: number) => void;
  /** Scrolls along the disk by a fraction of a row. */
  readonly wheelAcross: (rowShare: number) => void;
  readonly zoom: (factor: number, x: number, y: number) => void;
  readonly hover: (point: Point | undefined) => void;
  /**
   * A drag between two points; `done` when the button is released. A click is a drag of length
   * zero.
   */
  readonly drag: (from: Point, to: Point, done: boolean, extend: boolean) => void;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

const LINE = 16;
/** Maximum movement of a click, in pixels; more is a drag. */
const CLICK = 3;

/** Listens on the element over the cells, which begin `gutter` pixels from its left. */
export function listenToPointer(
  element: HTMLElement,
  gutter: number,
  pitch: () => number,
  target: PointerTarget,
): void {
  const pointOf = (event: MouseEvent): Point => {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left - gutter, y: event.clientY - box.top };
  };
  element.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      if (!target.ready()) return;
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE : 1;
      const { x, y } = pointOf(event);
      // Browsers report a pinch as a wheel event with Control.
      if (event.ctrlKey || event.metaKey) target.zoom(2 ** ((event.deltaY * unit) / 240), x, y);
      else if (event.shiftKey) target.wheelAcross((event.deltaY * unit) / element.clientWidth);
      else {
        if (event.deltaY !== 0) target.wheelRows((event.deltaY * unit) / pitch());
        if (event.deltaX !== 0) target.wheelAcross((event.deltaX * unit) / element.clientWidth);
      }
    },
    { passive: false },
  );
  let from: Point | undefined;
  element.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || !target.ready()) return;
    from = pointOf(event);
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener('pointermove', (event) => {
    if (!target.ready()) return;
    const at = pointOf(event);
    if (from === undefined) target.hover(at.x < 0 ? undefined : at);
    else if (isDrag(from, at)) target.drag(from, at, false, event.shiftKey);
  });
  element.addEventListener('pointerup', (event) => {
    if (from === undefined || !target.ready()) return;
    const at = pointOf(event);
    target.drag(from, isDrag(from, at) ? at : from, true, event.shiftKey);
    from = undefined;
  });
  element.addEventListener('pointercancel', () => {
    from = undefined;
  });
  element.addEventListener('pointerleave', () => target.hover(undefined));
}

const isDrag = (a: Point, b: Point): boolean =>
  Math.abs(a.x - b.x) >= CLICK || Math.abs(a.y - b.y) >= CLICK;
