/**
 * The two forms of a CIM datetime. WS-Management sends points as ISO 8601 with 0 to 7 digits of a
 * second, and intervals as xs:duration. CIM-XML (DSP0004 5.5.1) has 25 characters for both:
 *
 *     yyyymmddHHMMSS.mmmmmm+UUU    point; UUU: minutes east of UTC, + or -
 *     ddddddddHHMMSS.mmmmmm:000    interval
 *
 * `*` stands for an unknown digit; such times have no other form.
 */

const ISO = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)?$/;
const DURATION =
  /^P(?:(\d{1,8})D)?(?:T(?:(\d{1,8})H)?(?:(\d{1,8})M)?(?:(\d{1,8})(?:\.(\d{1,9}))?S)?)?$/;
const CIM_POINT = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\.(\d{6})([+-])(\d{3})$/;
const CIM_INTERVAL = /^(\d{8})(\d\d)(\d\d)(\d\d)\.(\d{6}):000$/;

/** Returns a point or an interval in CIM's form; undefined for other text. CIM's form stays as it is. */
export function toCimDatetime(text: string): string | undefined {
  if (CIM_POINT.test(text) || CIM_INTERVAL.test(text)) return text;
  return pointToCim(text) ?? intervalToCim(text);
}

/** Returns ISO 8601 in UTC, or an xs:duration, of CIM's form; undefined for other text. */
export function fromCimDatetime(text: string): string | undefined {
  const interval = CIM_INTERVAL.exec(text);
  if (interval !== null) {
    const [days, hours, minutes, seconds, micros] = interval.slice(1).map(Number);
    const fraction = micros === 0 ? '' : `.${(interval[5] ?? '').replace(/0+$/, '')}`;
    return `P${days}DT${hours}H${minutes}M${seconds}${fraction}S`;
  }
  const point = CIM_POINT.exec(text);
  if (point === null) return undefined;
  const [, year, month, day, hour, minute, second, micros, sign, offset] = point;
  const shift = Number(offset) * (sign === '-' ? 1 : -1);
  const base = utc(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`, shift);
  return base && `${base}.${micros}Z`;
}

/** Whether text is a duration: the elements of points and intervals differ. */
export const isDuration = (text: string): boolean => DURATION.test(text) && /\d/.test(text);

/** Whether text is a point in ISO 8601. */
export const isPoint = (text: string): boolean => ISO.test(text);

/** Whether a time means “never”: Windows counts from 1601. */
export const isNever = (text: string): boolean => text.startsWith('1601-01-01T');

function pointToCim(text: string): string | undefined {
  const match = ISO.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', zone = 'Z'] = match;
  const [hours = 0, minutes = 0] = zone === 'Z' ? [] : zone.slice(1).split(':').map(Number);
  const shift = (hours * 60 + minutes) * (zone.startsWith('-') ? 1 : -1);
  const base = utc(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`, shift);
  return base && `${base.replace(/[-:T]/g, '')}.${micro(fraction)}+000`;
}

function intervalToCim(text: string): string | undefined {
  const match = DURATION.exec(text);
  if (match === null || !isDuration(text)) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match
    .slice(1, 5)
    .map((part) => Number(part ?? 0));
  const total = days * 86_400 + hours * 3600 + minutes * 60 + seconds;
  const wholeDays = Math.floor(total / 86_400);
  if (wholeDays > 99_999_999) return undefined;
  const rest = total % 86_400;
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const clock = two(rest / 3600) + two((rest % 3600) / 60) + two(rest % 60);
  return `${String(wholeDays).padStart(8, '0')}${clock}.${micro(match[5] ?? '')}:000`;
}

const micro = (fraction: string): string => fraction.slice(0, 6).padEnd(6, '0');

/** Shifts a time by minutes; returns it to the second, without a zone; undefined if it does not exist. */
function utc(text: string, shift: number): string | undefined {
  const time = Date.parse(text);
  // Date.parse accepts 30 February.
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 19) !== text.slice(0, 19)) {
    return undefined;
  }
  return new Date(time + shift * 60_000).toISOString().slice(0, 19);
}
