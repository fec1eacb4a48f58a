import { recordError } from '../errors/record-errors.ts';
import type { BackupKind } from './manifest.ts';

/** `20261122T140305Z-full`: sorts by time; a second is never used twice in one VM's folder. */
const FORM = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-(full|incr)$/;

export interface PointIdParts {
  /** Milliseconds since 1970, a whole second. */
  readonly time: number;
  readonly kind: BackupKind;
}

/** Parses an ID; undefined for any other name. */
function parsePointId(text: string): PointIdParts | undefined {
  const match = FORM.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, kind] = match;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  // A day that does not exist, such as 31 June, would be formatted as another one.
  if (Number.isNaN(time) || format(time) !== text.slice(0, 16)) return undefined;
  return { time, kind: kind as BackupKind };
}

export const isPointId = (text: string): boolean => parsePointId(text) !== undefined;

/**
 * Returns the ID of a new point: the later of `now` and one second after the last of `existing`, so
 * that IDs sort in the order of creation even if a clock went back. Ignores names that are not IDs.
 * @param now milliseconds since 1970.
 */
export function nextPointId(now: number, existing: Iterable<string>, kind: BackupKind): string {
  let second = Math.floor(now / 1000);
  let last = '';
  for (const name of existing) {
    const parts = parsePointId(name);
    if (parts === undefined || parts.time / 1000 < second) continue;
    second = parts.time / 1000 + 1;
    last = name;
  }
  const id = `${format(second * 1000)}-${kind}`;
  if (isPointId(id)) return id;
  const why = last === '' ? `Invalid time ${now} for a point ID` : `A point cannot follow ${last}`;
  throw recordError('point.id', `${why}; point IDs end with the year 9999`, {
    data: { now, last },
  });
}

function format(time: number): string {
  return Number.isFinite(new Date(time).getTime())
    ? new Date(time).toISOString().replaceAll(/[-:]|\.\d{3}/g, '')
    : '';
}
