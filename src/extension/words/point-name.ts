import * as vscode from 'vscode';
import type { StorePoint } from '../../engine/api/store.ts';
import { partsOfPointId } from '../../views/common/words/point-time.ts';
import { formatSecond } from './format.ts';

const { t } = vscode.l10n;

/** A point by its id, or with what is known of it. */
type NamedPoint = Pick<StorePoint, 'id'> & Partial<Pick<StorePoint, 'created' | 'kind'>>;

/** Returns the name of a backup point that is used everywhere: its local time to the second, and its kind. */
export function pointName(point: NamedPoint | string): string {
  const { time, kind } = partsOf(typeof point === 'string' ? { id: point } : point);
  if (kind === null) return time;
  return kind === 'full' ? t('{0} (full)', time) : t('{0} (incremental)', time);
}

/** Returns the time of a point's name, for rows whose icon tells the kind. */
export const pointTime = (point: NamedPoint): string => partsOf(point).time;

/** Ids carry time and kind, so that a point has the same name even if only its ID is known. */
function partsOf({ id, created = null, kind = null }: NamedPoint): {
  readonly time: string;
  readonly kind: StorePoint['kind'];
} {
  const parts = partsOfPointId(id);
  if (parts !== undefined) return { time: formatSecond(parts.time), kind: parts.kind };
  return { time: created === null ? id : formatSecond(created), kind };
}

/** Returns a text of the engine with the ids of points in it as their names. Paths keep them. */
export const withPointNames = (text: string): string =>
  text.replaceAll(/(?<![\\/\w])\d{8}T\d{6}Z-(?:full|incr)(?![\\/\w])/g, (id) => pointName(id));
