import { SERVER_STATUS as STATUS } from '../contract/server-status.ts';
import { StatusError } from '../contract/status-error.ts';

/** Maximum length of a part of a name, in UTF-16 units, as on NTFS. */
const MAX_PART = 255;
const MAX_DEPTH = 128;
const DEVICE = /^(?:con|prn|aux|nul|com[1-9¹²³]|lpt[1-9¹²³]|conin\$|conout\$)(?:\..*)?$/i;
// oxlint-disable-next-line no-control-regex -- names of Windows may not contain them
const FORBIDDEN = /[\u0000-\u001f"/<>|*?]/;

/** A name relative to a share, in parts. */
export interface ShareName {
  readonly parts: readonly string[];
  /** Name of a stream behind the file's name; the lab's volume does not have streams. */
  readonly stream: string | undefined;
}

/**
 * Splits the name of a CREATE or of a rename. Names that leave the share, name devices, or cannot
 * exist on NTFS are refused with the statuses of Windows.
 */
export function parseShareName(name: string): ShareName {
  if (name === '') return { parts: [], stream: undefined };
  if (name.startsWith('\\')) throw new StatusError(STATUS.invalidParameter);
  const parts = name.split('\\');
  if (parts.length > MAX_DEPTH) throw new StatusError(STATUS.objectNameInvalid);
  const last = parts.at(-1) ?? '';
  const colon = last.indexOf(':');
  const stream = colon < 0 ? undefined : last.slice(colon + 1);
  if (colon >= 0) parts[parts.length - 1] = last.slice(0, colon);
  for (const part of parts) checkPart(part);
  // `::$DATA` is the contents of the file itself.
  return { parts, stream: stream?.toLowerCase() === ':$data' ? undefined : stream };
}

function checkPart(part: string): void {
  if (part === '..') throw new StatusError(STATUS.objectPathSyntaxBad);
  const invalid =
    part === '' ||
    part === '.' ||
    part.length > MAX_PART ||
    part.includes(':') ||
    FORBIDDEN.test(part) ||
    // Windows' own programs cannot open such names, and on a lab under Windows they mean others.
    /[. ]$/.test(part) ||
    DEVICE.test(part) ||
    !part.isWellFormed();
  if (invalid) throw new StatusError(STATUS.objectNameInvalid);
}
