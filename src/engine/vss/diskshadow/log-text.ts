import { vssError } from '../vss-errors.ts';

/** Maximum length of a log in bytes; that of a set of 64 volumes with all writers has some 100 KB. */
export const MAX_LOG = 16 * 2 ** 20;
/** Longer lines are cut: no line that matters has 1,000 characters. */
const MAX_LINE = 4096;

/**
 * Decodes what diskshadow wrote, and splits it into lines. It writes UTF-16 with a byte order mark,
 * or the code page of the console; everything that is read of it is ASCII. Throws `vss.log`.
 */
export function logLines(bytes: Uint8Array, name: string): string[] {
  if (bytes.length > MAX_LOG) {
    throw vssError('vss.log', `${name} has ${bytes.length} bytes; a log has at most ${MAX_LOG}`, {
      data: { path: name, found: bytes.length, expected: MAX_LOG },
    });
  }
  const text = new TextDecoder(encodingOf(bytes)).decode(bytes);
  return text.split(/\r\n|\r|\n/).map((line) => line.slice(0, MAX_LINE));
}

function encodingOf(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return 'utf-8';
}
