import { hresultText } from '../../base/words/hresult-text.ts';
import type { WindowsError } from '../../api/windows/windows-disk.ts';
import { DISK_ERROR_WORDS } from './disk-error-words.ts';
import type { ErrorWords } from './error-words.ts';
import { IMAGE_ERROR_WORDS } from './image-error-words.ts';
import { WIN32_ERROR_WORDS } from './win32-error-words.ts';

/** By number, unsigned. */
const ERROR_WORDS: ReadonlyMap<number, ErrorWords> = new Map([
  ...IMAGE_ERROR_WORDS,
  ...DISK_ERROR_WORDS,
  ...WIN32_ERROR_WORDS,
]);

/** Names an error number of Windows and says in words what it means and what helps. */
export function describeWindowsError(number: number): WindowsError {
  const unsigned = number >>> 0;
  const known = ERROR_WORDS.get(unsigned);
  return {
    number: unsigned,
    hex: hresultText(unsigned),
    name: known?.name ?? null,
    meaning: known?.meaning ?? `Windows gave error ${unsigned}, which Refpoint does not know`,
    remedy: known?.remedy ?? 'Look the number up with: certutil -error',
  };
}

/** Returns the error as one sentence, such as `Change tracking is off (0xC03A002A …)`. */
export function errorSentence({ meaning, hex, number, name }: WindowsError): string {
  const shown = number < 0x10000 ? String(number) : hex;
  return `${meaning} (${name === null ? shown : `${shown} ${name}`})`;
}
