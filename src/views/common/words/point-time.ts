/** `20260301T100000Z-full`. */
const ID = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-(full|incr)$/;

/**
 * Returns time (ISO) and kind of a backup point from its ID, so that it has the same name
 * everywhere.
 */
export function partsOfPointId(
  id: string,
): { readonly time: string; readonly kind: 'full' | 'incr' } | undefined {
  const match = ID.exec(id);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, kind] = match;
  const time = `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
  return { time, kind: kind === 'full' ? 'full' : 'incr' };
}

/**
 * Returns the format of a time to the second: without the year if it is the current one, so that
 * rows fit a narrow view.
 */
export const secondOptions = (time: Date, now: Date): Intl.DateTimeFormatOptions => ({
  ...(time.getFullYear() === now.getFullYear() ? {} : { year: 'numeric' }),
  month: 'short',
  day: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
  second: '2-digit',
});
