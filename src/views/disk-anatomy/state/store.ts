import type { AnatomyInfo } from '../../../engine/api/anatomy.ts';
import type { ImageSurveyInfo } from '../../../engine/api/disk-contents.ts';
import type { DiskAnatomyState, OpenedAnatomy, SideId, TabId } from '../../api/disk-anatomy.ts';
import type { ByteSelection } from '../../common/hex/hex-row.ts';
import { WHOLE_DISK, type BlockCamera } from './block-grid.ts';

/** Selected bytes of the file; the first is the one that keys move. */
export type Marked = ByteSelection;

export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** Everything that the view shows, except bytes and tiles. */
export interface ViewModel {
  readonly status: 'loading' | 'open' | 'failed';
  readonly info: AnatomyInfo | undefined;
  readonly trusted: boolean;
  readonly failure: Failure | undefined;
  readonly marked: Marked;
  readonly tab: TabId;
  /** Whether the bytes of the file or the sectors of the disk are shown. */
  readonly side: SideId;
  /** Selected bytes of the virtual disk. */
  readonly sector: Marked;
  /** Undefined until the image was checked, or if it could not be. */
  readonly survey: ImageSurveyInfo | undefined;
  /** Why the image could not be checked. */
  readonly surveyFailure: string | undefined;
  /** Keys of the open nodes of the tree. */
  readonly expanded: ReadonlySet<string>;
  /** The focused node; '' is the first. */
  readonly node: string;
  readonly camera: BlockCamera;
  /** The first block of the focused cell. */
  readonly block: number;
  /** The user wants to see the bytes although the file is not a disk image. */
  readonly bytesAnyway: boolean;
}

export type Action =
  | { readonly type: 'load' }
  | { readonly type: 'opened'; readonly opened: OpenedAnatomy }
  | { readonly type: 'failed'; readonly failure: Failure }
  | { readonly type: 'mark'; readonly marked: Marked }
  | { readonly type: 'tab'; readonly tab: TabId }
  | { readonly type: 'side'; readonly side: SideId }
  | { readonly type: 'sector'; readonly marked: Marked }
  | { readonly type: 'surveyed'; readonly survey: ImageSurveyInfo }
  | { readonly type: 'notSurveyed'; readonly message: string }
  | { readonly type: 'node'; readonly key: string }
  | { readonly type: 'expand'; readonly keys: readonly string[]; readonly open: boolean }
  | { readonly type: 'camera'; readonly camera: BlockCamera }
  | { readonly type: 'block'; readonly block: number }
  | { readonly type: 'bytesAnyway' };

export function initialModel(kept: DiskAnatomyState | undefined): ViewModel {
  return {
    status: 'loading',
    info: undefined,
    trusted: false,
    failure: undefined,
    marked: kept?.marked ?? { offset: 0, length: 1 },
    tab: kept?.tab ?? 'structure',
    side: kept?.side ?? 'bytes',
    sector: kept?.sector ?? { offset: 0, length: 1 },
    survey: undefined,
    surveyFailure: undefined,
    expanded: new Set(kept?.expanded),
    node: kept?.node ?? '',
    camera: kept?.camera ?? WHOLE_DISK,
    block: kept?.block ?? 0,
    bytesAnyway: kept?.bytesAnyway ?? false,
  };
}

export function reduce(model: ViewModel, action: Action): ViewModel {
  switch (action.type) {
    case 'load':
      return { ...model, status: 'loading', failure: undefined };
    case 'opened':
      return opened(model, action.opened);
    case 'failed':
      return { ...model, status: 'failed', failure: action.failure };
    case 'mark':
      return { ...model, marked: inFile(action.marked, model.info) };
    case 'tab':
      return { ...model, tab: action.tab };
    case 'side':
      return { ...model, side: action.side };
    case 'sector':
      return { ...model, sector: within(action.marked, model.survey?.virtualSize ?? undefined) };
    case 'surveyed': {
      const { survey } = action;
      const sector = within(model.sector, survey.virtualSize ?? undefined);
      return { ...model, survey, surveyFailure: undefined, sector };
    }
    case 'notSurveyed':
      return { ...model, survey: undefined, surveyFailure: action.message };
    case 'node':
      return { ...model, node: action.key };
    case 'expand': {
      const expanded = new Set(model.expanded);
      for (const key of action.keys) {
        if (action.open) expanded.add(key);
        else expanded.delete(key);
      }
      return { ...model, expanded };
    }
    case 'camera':
      return { ...model, camera: action.camera };
    case 'block':
      return { ...model, block: onDisk(action.block, model.info) };
    case 'bytesAnyway':
      return { ...model, bytesAnyway: true };
  }
}

/** Handles a reread file: keeps the place, as far as it still exists. */
function opened(model: ViewModel, { info, trusted }: OpenedAnatomy): ViewModel {
  return {
    ...model,
    status: 'open',
    info,
    trusted,
    failure: undefined,
    marked: inFile(model.marked, info),
    tab: validTab(model.tab, info),
    block: onDisk(model.block, info),
  };
}

/** Tabs without contents are hidden. */
function validTab(tab: TabId, { blocks, parents }: AnatomyInfo): TabId {
  const missing =
    (tab === 'blocks' && blocks === null) || (tab === 'parents' && parents.length === 0);
  return missing ? 'structure' : tab;
}

const inFile = (marked: Marked, info: AnatomyInfo | undefined): Marked =>
  within(marked, info?.fileSize);

function within({ offset, length }: Marked, size = Number.MAX_SAFE_INTEGER): Marked {
  const start = Math.max(0, Math.min(size - 1, Math.floor(offset)));
  return { offset: start, length: Math.max(1, Math.min(size - start, Math.floor(length))) };
}

function onDisk(block: number, info: AnatomyInfo | undefined): number {
  const total = info?.blocks?.total ?? Number.MAX_SAFE_INTEGER;
  return Math.max(0, Math.min(total - 1, Math.floor(block)));
}

/** Maximum number of stored open nodes. */
const MAX_KEPT = 500;

/** Returns the state for setState. */
export function stateOf(model: ViewModel): DiskAnatomyState {
  const { marked, tab, side, sector, expanded, node, camera, block, bytesAnyway } = model;
  return {
    version: 1,
    marked,
    tab,
    side,
    sector,
    expanded: [...expanded].slice(0, MAX_KEPT),
    node,
    camera,
    block,
    bytesAnyway,
  };
}

const TABS: readonly TabId[] = ['structure', 'parts', 'blocks', 'parents', 'findings'];

/**
 * Parses a stored state, which an earlier version may have written; undefined if its shape is
 * wrong.
 */
export function parseState(value: unknown): DiskAnatomyState | undefined {
  const state = value as Partial<DiskAnatomyState> | null | undefined;
  if (state?.version !== 1) return undefined;
  const whole = (number: unknown, least: number): boolean =>
    Number.isSafeInteger(number) && (number as number) >= least;
  const { marked, tab, side, sector, expanded, node, camera, block } = state;
  const selection = (each: Marked | undefined): Marked =>
    each && whole(each.offset, 0) && whole(each.length, 1)
      ? { offset: each.offset, length: each.length }
      : { offset: 0, length: 1 };
  const isCamera =
    camera && whole(camera.from, 0) && (camera.perCell === null || whole(camera.perCell, 1));
  return {
    version: 1,
    marked: selection(marked),
    side: side === 'sectors' ? 'sectors' : 'bytes',
    sector: selection(sector),
    tab: tab !== undefined && TABS.includes(tab) ? tab : 'structure',
    expanded: Array.isArray(expanded)
      ? expanded.filter((key) => typeof key === 'string').slice(0, MAX_KEPT)
      : [],
    node: typeof node === 'string' ? node : '',
    camera: isCamera ? { perCell: camera.perCell, from: camera.from } : WHOLE_DISK,
    block: whole(block, 0) ? (block as number) : 0,
    bytesAnyway: state.bytesAnyway === true,
  };
}

/** Returns the finding that a file is not a disk image, if its name promises one. */
export function notDisk({
  format,
  findings,
}: AnatomyInfo): AnatomyInfo['findings'][number] | undefined {
  if (format !== 'raw') return undefined;
  return findings.find(({ code }) => NOT_DISK.includes(code));
}

const NOT_DISK: readonly string[] = [
  'anatomy.notVhdx',
  'anatomy.notVhd',
  'anatomy.notVhdSet',
  'anatomy.notQcow2',
];
