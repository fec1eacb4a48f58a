/** Extension of recordings. */
export const RECORDING = '.rptrace';

/** Maximum length of a title in a file name, in characters. */
const LONGEST_TITLE = 50;

/**
 * Returns the file name of a job's recording: its title and the local time at which it began, so
 * that editors of two recordings have different titles. Characters that a file system might reject
 * become `_`.
 */
export function recordingName(title: string, begun: Date): string {
  const kept = title.replaceAll(/[^\p{L}\p{N} ._()-]/gu, '_').trim();
  const short = Array.from(kept).slice(0, LONGEST_TITLE).join('').trim();
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = [begun.getFullYear(), two(begun.getMonth() + 1), two(begun.getDate())].join('-');
  const time = [begun.getHours(), begun.getMinutes(), begun.getSeconds()].map(two).join('-');
  // A name must not begin with a dot: such files are hidden.
  return `${short.replace(/^\.+/, '')} ${day} ${time}${RECORDING}`.trimStart();
}
