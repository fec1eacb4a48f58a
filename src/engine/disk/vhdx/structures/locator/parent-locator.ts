import { NIL_GUID, tryParseGuid, type Guid } from '../../../../base/guid.ts';
import { sizeOf, writeFields } from '../../../inspect/fields.ts';
import { LOCATOR_TYPE_VHDX } from '../layout.ts';
import {
  LINKAGE,
  LINKAGE2,
  LOCATOR_ENTRY,
  LOCATOR_HEADER,
  locatorEntries,
  PATH_KEYS,
} from './locator-fields.ts';
import { parentLocatorDefects } from './locator-rules.ts';
import { refuse } from '../vhdx-defect.ts';
import { vhdxError } from '../vhdx-errors.ts';

/**
 * Parent locator item (MS-VHDX 2.6.2.6), which tells a differencing image where its parent is.
 * Files of Hyper-V hold a nil `parent_linkage2` and absolute paths without the prefix `\\?\`, both
 * against the specification.
 */
export interface ParentLocator {
  /** The DataWriteGuid that the parent must have. */
  readonly linkage: Guid;
  /** A second accepted DataWriteGuid, while the parent is being changed (a merge). */
  readonly linkage2?: Guid;
  /** Path from the child's folder, with backslashes: `.\base.vhdx`. */
  readonly relativePath?: string;
  readonly volumePath?: string;
  readonly absolutePath?: string;
}

const MAX_TEXT = 0x7fff;
const NAMES = ['relativePath', 'volumePath', 'absolutePath'] as const;

/**
 * Throws `vhdx.locator.*`.
 * @param at offset of the item in the file
 */
export function decodeParentLocator(bytes: Uint8Array, at = 0): ParentLocator {
  refuse(parentLocatorDefects(bytes, at));
  const values = new Map(locatorEntries(bytes).map(({ key, value }) => [key.text, value.text]));
  const paths: { -readonly [Name in (typeof NAMES)[number]]?: string } = {};
  for (const name of NAMES) {
    const value = values.get(PATH_KEYS[name]);
    if (value !== undefined) paths[name] = value;
  }
  const linkage2 = tryParseGuid(values.get(LINKAGE2) ?? '');
  return {
    linkage: tryParseGuid(values.get(LINKAGE) ?? '') ?? NIL_GUID,
    ...(linkage2 === undefined || linkage2 === NIL_GUID ? {} : { linkage2 }),
    ...paths,
  };
}

/** Throws `vhdx.write.argument` if a text is too long for its 16-bit length. */
export function encodeParentLocator(locator: ParentLocator): Uint8Array<ArrayBuffer> {
  const texts: (readonly [string, string])[] = [[LINKAGE, `{${locator.linkage}}`]];
  if (locator.linkage2 !== undefined) texts.push([LINKAGE2, `{${locator.linkage2}}`]);
  for (const name of NAMES) {
    const value = locator[name];
    if (value !== undefined) texts.push([PATH_KEYS[name], value]);
  }
  const [header, entry] = [sizeOf(LOCATOR_HEADER), sizeOf(LOCATOR_ENTRY)];
  let end = header + texts.length * entry;
  const total = texts.reduce((sum, [key, value]) => sum + (key.length + value.length) * 2, end);
  const bytes = new Uint8Array(total);
  writeFields(LOCATOR_HEADER, bytes, {
    LocatorType: LOCATOR_TYPE_VHDX,
    KeyValueCount: texts.length,
  });
  for (const [i, [key, value]] of texts.entries()) {
    if (value.length === 0 || value.length > MAX_TEXT) {
      throw vhdxError(
        'vhdx.write.argument',
        `the value of ${key} has ${value.length} characters; a parent locator allows 1 to ${MAX_TEXT}`,
        { data: { key, found: value.length, expected: MAX_TEXT } },
      );
    }
    const valueAt = end + key.length * 2;
    writeFields(LOCATOR_ENTRY, bytes.subarray(header + i * entry), {
      KeyOffset: end,
      ValueOffset: valueAt,
      KeyLength: key.length * 2,
      ValueLength: value.length * 2,
    });
    bytes.set(utf16(key), end);
    bytes.set(utf16(value), valueAt);
    end = valueAt + value.length * 2;
  }
  return bytes;
}

const utf16 = (text: string): Uint8Array => Buffer.from(text, 'utf16le');
