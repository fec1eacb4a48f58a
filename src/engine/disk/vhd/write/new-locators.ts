import type { NewParent } from '../../image/image-writer.ts';
import type { LocatorEntry } from '../structures/locator-entry.ts';
import { alignUp } from '../../../base/range.ts';
import { diskError } from '../../virtual/disk-errors.ts';

/** Windows reserves whole pages for the texts. */
const PAGE = 4096;
/** Longest path of Windows, in characters. */
const MAX_PATH = 32_767;

/** A parent locator of a new image and the bytes of its text. */
export interface NewLocator {
  readonly entry: LocatorEntry;
  readonly text: Uint8Array;
}

/**
 * Returns the locators of a new differencing image, with their texts from `offset` on: the absolute
 * path (`W2ku`) if it is one of Windows, and the relative path (`W2ru`), both in UTF-16LE with
 * backslashes.
 */
export function newLocators(parent: NewParent, offset: number): readonly NewLocator[] {
  const { absolutePath, relativePath } = parent;
  const texts: [code: string, text: string][] = [];
  if (absolutePath !== undefined && /^([A-Za-z]:[\\/]|\\\\)/.test(absolutePath)) {
    texts.push(['W2ku', absolutePath.replaceAll('/', '\\')]);
  }
  if (relativePath !== undefined) {
    const path = relativePath.replaceAll('/', '\\');
    texts.push(['W2ru', /^\.\.?\\/.test(path) ? path : `.\\${path}`]);
  }
  let at = offset;
  return texts.map(([code, path]) => {
    if (path.length > MAX_PATH) {
      throw diskError(
        'disk.write.argument',
        `the path of the parent has ${path.length} characters; a VHD allows ${MAX_PATH}`,
        { data: { found: path.length, expected: MAX_PATH } },
      );
    }
    const text = new Uint8Array(path.length * 2);
    const view = new DataView(text.buffer);
    for (let i = 0; i < path.length; i++) view.setUint16(i * 2, path.charCodeAt(i), true);
    // The specification counts sectors, Windows bytes.
    const space = alignUp(text.length, PAGE);
    const entry = { code, space, length: text.length, offset: at };
    at += space;
    return { entry, text };
  });
}
