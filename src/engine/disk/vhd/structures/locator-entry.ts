import { fileURLToPath } from 'node:url';

/**
 * One of the eight parent locator entries of the dynamic header (VHD 1.0, “Parent Locator”), 24
 * bytes each:
 *
 *      0  4  platform code        4  4  bytes reserved for the text (the specification: sectors)
 *      8  4  bytes of the text   12  4  zero         16  8  offset of the text in the file
 */
export interface LocatorEntry {
  /** Four characters; four NULs: not used. */
  readonly code: string;
  readonly space: number;
  readonly length: number;
  readonly offset: number;
}

export const LOCATORS_AT = 576;
export const LOCATOR_BYTES = 24;
export const LOCATOR_COUNT = 8;
const NO_CODE = '\0\0\0\0';
export const NO_LOCATOR: LocatorEntry = { code: NO_CODE, space: 0, length: 0, offset: 0 };

/** Longest text that is read: a Windows path has at most 32,767 characters. */
export const MAX_LOCATOR_TEXT = 65_536;

type Encoding = 'utf-16le' | 'windows-1252' | 'file URL' | 'alias';

/** The platform codes, with the kind of path and its encoding. */
export const PLATFORMS: Readonly<
  Record<
    string,
    { readonly path: 'relative' | 'absolute'; readonly encoding: Encoding; readonly help: string }
  >
> = {
  W2ru: { path: 'relative', encoding: 'utf-16le', help: 'Path from the folder of this file' },
  W2ku: { path: 'absolute', encoding: 'utf-16le', help: 'Absolute Windows path' },
  Wi2r: {
    path: 'relative',
    encoding: 'windows-1252',
    help: 'Path from the folder of this file, deprecated',
  },
  Wi2k: { path: 'absolute', encoding: 'windows-1252', help: 'Absolute Windows path, deprecated' },
  'Mac ': { path: 'absolute', encoding: 'alias', help: 'Alias of Mac OS, a binary record' },
  MacX: { path: 'absolute', encoding: 'file URL', help: 'File URL of Mac OS X' },
};

export const isUsed = ({ code }: LocatorEntry): boolean => code !== NO_CODE;

export function decodeLocators(header: Uint8Array): readonly LocatorEntry[] {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  return Array.from({ length: LOCATOR_COUNT }, (_, i) => {
    const at = LOCATORS_AT + i * LOCATOR_BYTES;
    return {
      code: String.fromCharCode(...header.subarray(at, at + 4)),
      space: view.getUint32(at + 4),
      length: view.getUint32(at + 8),
      offset: Number(view.getBigUint64(at + 16)),
    };
  });
}

export function encodeLocator({ code, space, length, offset }: LocatorEntry): Uint8Array {
  const bytes = new Uint8Array(LOCATOR_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(Array.from(code, (char) => char.charCodeAt(0)));
  view.setUint32(4, space);
  view.setUint32(8, length);
  view.setBigUint64(16, BigInt(offset));
  return bytes;
}

/**
 * Decodes the text of an entry. Undefined if its platform is unknown, or if it is not a text (an
 * alias of Mac OS) or not a valid one.
 */
export function locatorText(code: string, bytes: Uint8Array): string | undefined {
  const encoding = PLATFORMS[code]?.encoding;
  if (encoding === undefined || encoding === 'alias') return undefined;
  const text = new TextDecoder(encoding === 'file URL' ? 'utf-8' : encoding).decode(
    encoding === 'utf-16le' ? bytes.subarray(0, bytes.length & ~1) : bytes,
  );
  const end = text.indexOf('\0');
  const whole = end < 0 ? text : text.slice(0, end);
  return encoding === 'file URL' ? pathOfUrl(whole) : whole;
}

/** Returns the path of a file URL, or the text itself if it is not one. */
function pathOfUrl(text: string): string | undefined {
  if (!/^file:/i.test(text)) return text;
  try {
    return fileURLToPath(text.replace(/^file:\/\/localhost\//i, 'file:///'), { windows: false });
  } catch {
    return undefined;
  }
}
