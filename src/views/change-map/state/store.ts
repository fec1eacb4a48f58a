import type { MapBytes, MapInfo, MapReference, RowOrder } from '../../../engine/api/change-map.ts';
import type { ChangeMapState } from '../../api/change-map.ts';
import { clampCamera, fitCamera, type Camera, type Viewport } from '../scene/camera.ts';

/** Selected bytes; half-open. */
export interface Selection {
  readonly start: number;
  readonly end: number;
}

/** Everything that the view shows, except the tiles. */
export interface ViewModel {
  readonly status: 'loading' | 'open' | 'failed';
  readonly reference: MapReference;
  readonly info: MapInfo | undefined;
  readonly failure: string;
  readonly progress: { readonly done: number; readonly total: number } | undefined;
  /** undefined: the whole disk, for any viewport. */
  readonly camera: Camera | undefined;
  /** -1: the newest point, or the only moment of the map. */
  readonly frame: number;
  /** Filter and order of the table's rows. */
  readonly order: RowOrder;
  readonly selection: Selection | undefined;
  /** The focused byte. */
  readonly focus: number;
  readonly shown: 'map' | 'table';
  /** Byte counts of the shown frame. */
  readonly bytes: MapBytes | undefined;
}

export type Action =
  | { readonly type: 'load'; readonly reference: MapReference }
  | { readonly type: 'progress'; readonly done: number; readonly total: number }
  | { readonly type: 'opened'; readonly info: MapInfo }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'camera'; readonly camera: Camera | undefined }
  | { readonly type: 'frame'; readonly frame: number }
  | { readonly type: 'bytes'; readonly frame: number; readonly bytes: MapBytes }
  | { readonly type: 'order'; readonly order: RowOrder }
  | { readonly type: 'focus'; readonly offset: number }
  | { readonly type: 'select'; readonly selection: Selection | undefined }
  | { readonly type: 'show'; readonly shown: 'map' | 'table' };

/** Every row, in disk order. */
export const DISK_ORDER: RowOrder = { changedOnly: false, sort: 'start', descending: false };

/** Creates a view's first model from its reference and from the kept state, if that matches. */
export function initialModel(reference: MapReference, kept: ChangeMapState | undefined): ViewModel {
  return {
    status: 'loading',
    reference,
    info: undefined,
    failure: '',
    progress: undefined,
    camera: kept?.camera ? { ...kept.camera, shift: 0 } : undefined,
    frame: kept?.frame ?? -1,
    order: DISK_ORDER,
    selection: kept?.selection ?? undefined,
    focus: kept?.selection?.start ?? kept?.camera?.start ?? 0,
    shown: kept?.shown ?? 'map',
    bytes: undefined,
  };
}

export function reduce(model: ViewModel, action: Action): ViewModel {
  switch (action.type) {
    case 'load':
      return { ...model, status: 'loading', reference: action.reference, progress: undefined };
    case 'progress':
      return { ...model, progress: { done: action.done, total: action.total } };
    case 'opened':
      return opened(model, action.info);
    case 'failed':
      return { ...model, status: 'failed', failure: action.message };
    case 'camera':
      return { ...model, camera: action.camera };
    case 'frame':
      return showFrame(model, action.frame);
    case 'order':
      return { ...model, order: action.order };
    case 'bytes':
      return action.frame === model.frame ? { ...model, bytes: action.bytes } : model;
    case 'focus':
      return { ...model, focus: onDisk(action.offset, model.info) };
    case 'select':
      return { ...model, selection: validSelection(action.selection, model.info) };
    case 'show':
      return { ...model, shown: action.shown };
  }
}

function showFrame(model: ViewModel, wanted: number): ViewModel {
  const frame = validFrame(wanted, model.info);
  return frame === model.frame ? model : { ...model, frame, bytes: undefined };
}

/**
 * Handles an opened map: keeps the place on the same disk, and replaces a query's reference by one
 * that needs no host.
 */
function opened(model: ViewModel, info: MapInfo): ViewModel {
  const reference: MapReference =
    model.reference.kind === 'query' && info.kept !== null
      ? { kind: 'kept', id: info.kept, title: info.title }
      : model.reference;
  return {
    ...model,
    status: 'open',
    info,
    reference,
    frame: validFrame(model.frame, info),
    selection: validSelection(model.selection, info),
    focus: onDisk(model.focus, info),
    bytes: model.frame === -1 ? info.bytes : undefined,
  };
}

/** Returns the camera for a viewport. */
export function cameraIn({ camera, info }: ViewModel, view: Viewport): Camera {
  const size = info?.virtualSize ?? 1;
  return camera === undefined ? fitCamera(view, size) : clampCamera(camera, view, size);
}

/** Returns the state for setState. */
export function stateOf({ reference, camera, frame, selection, shown }: ViewModel): ChangeMapState {
  return {
    version: 1,
    reference,
    camera: camera === undefined ? null : { start: camera.start, bytesPerRow: camera.bytesPerRow },
    frame,
    selection: selection ?? null,
    shown,
  };
}

/**
 * Parses a stored state, which an earlier version may have written; undefined if its shape is
 * wrong.
 */
export function parseState(value: unknown): ChangeMapState | undefined {
  const state = value as Partial<ChangeMapState> | null | undefined;
  if (state?.version !== 1 || typeof state.reference !== 'object') return undefined;
  const finite = (...numbers: readonly unknown[]): boolean => numbers.every(Number.isFinite);
  const { camera, selection, frame } = state;
  return {
    version: 1,
    reference: state.reference,
    camera: camera && finite(camera.start, camera.bytesPerRow) ? camera : null,
    frame: Number.isInteger(frame) ? (frame as number) : -1,
    selection: selection && finite(selection.start, selection.end) ? selection : null,
    shown: state.shown === 'table' ? 'table' : 'map',
  };
}

/**
 * Whether a state belongs to a reference: both are equal, or the state holds the kept answer of the
 * same query.
 */
export function stateFits(state: ChangeMapState, reference: MapReference): boolean {
  return JSON.stringify(state.reference) === JSON.stringify(reference);
}

function validFrame(frame: number, info: MapInfo | undefined): number {
  const count = info?.frames.length ?? 0;
  // The last point equals the whole.
  return Number.isInteger(frame) && frame >= 0 && frame < count - 1 ? frame : -1;
}

function onDisk(offset: number, info: MapInfo | undefined): number {
  const last = (info?.virtualSize ?? Number.MAX_SAFE_INTEGER) - 1;
  return Math.max(0, Math.min(last, Math.floor(offset)));
}

function validSelection(
  selection: Selection | undefined,
  info: MapInfo | undefined,
): Selection | undefined {
  if (selection === undefined) return undefined;
  const size = info?.virtualSize ?? Number.MAX_SAFE_INTEGER;
  const start = Math.max(0, Math.floor(selection.start));
  const end = Math.min(size, Math.ceil(selection.end));
  return start < end ? { start, end } : undefined;
}
