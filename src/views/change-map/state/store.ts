import type { MapBytes, MapInfo, MapReference, RowOrder } from '../../../engine/api/change-map.ts';
import type { ChangeMapState } from '../../api/change-map.ts';
import { clampCamera, fitCamera, type Camera, type Viewport } from '../scene/camera.ts';

/** Bytes that a person marked; half-open. */
export interface Selection {
  readonly start: number;
  readonly end: number;
}

/** All that the view shows, but for the tiles. */
export interface ViewModel {
  readonly status: 'loading' | 'open' | 'failed';
  readonly reference: MapReference;
  readonly info: MapInfo | undefined;
  readonly failure: string;
  readonly progress: { readonly done: number; readonly total: number } | undefined;
  /** Undefined: the whole disk, whatever the viewport. */
  readonly camera: Camera | undefined;
  /** -1: the newest point, or the only moment there is. */
  readonly frame: number;
  /** Of the table's rows. */
  readonly order: RowOrder;
  readonly selection: Selection | undefined;
  /** The byte under the keyboard's focus. */
  readonly focus: number;
  readonly shown: 'map' | 'table';
  /** Of the frame that is shown. */
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

/** Every row, in the order of the disk. */
export const DISK_ORDER: RowOrder = { changedOnly: false, sort: 'start', descending: false };

/** What a view begins with: the reference that it is given, and what it kept of one like it. */
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

/** The same disk keeps its place; the answer of a query is from now on a reference that needs no host. */
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

/** The camera as it is drawn in a viewport. */
export function cameraIn({ camera, info }: ViewModel, view: Viewport): Camera {
  const size = info?.virtualSize ?? 1;
  return camera === undefined ? fitCamera(view, size) : clampCamera(camera, view, size);
}

/** What setState keeps. */
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

/** What an earlier version, or nothing, left: only what is of this shape is believed. */
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

/** A state belongs to a reference when it is the same one, or the kept answer of the same query. */
export function stateFits(state: ChangeMapState, reference: MapReference): boolean {
  return JSON.stringify(state.reference) === JSON.stringify(reference);
}

function validFrame(frame: number, info: MapInfo | undefined): number {
  const count = info?.frames.length ?? 0;
  // The last point is what the whole shows.
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
