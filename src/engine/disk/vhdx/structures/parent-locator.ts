import { ByteReader } from '../../../base/bytes/byte-reader.ts';
import { ByteWriter } from '../../../base/bytes/byte-writer.ts';
import { NIL_GUID, tryParseGuid, type Guid } from '../../../base/guid.ts';
import { printable } from './file-identifier.ts';
import { LOCATOR_TYPE_VHDX, MAX_LOCATOR_KEYS } from './layout.ts';
import { vhdxError } from './vhdx-errors.ts';

/**
 * Parent locator item (MS-VHDX 2.6.2.6), which tells a differencing image where its parent is:
 *
 *      0  16  type, the GUID of VHDX locators
 *     16   2  reserved           18  2  number of keys
 *     20      entries of 12 bytes: u32 key offset, u32 value offset (from the item's start, > 0),
 *             u16 key length, u16 value length (bytes, no terminator)
 *
 * Texts are UTF-16LE. Files of Hyper-V hold a nil `parent_linkage2` and absolute paths without the
 * prefix `\\?\`, both against the specification.
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

const KEYS = {
  relativePath: 'relative_path',
  volumePath: 'volume_path',
  absolutePath: 'absolute_win32_path',
} as const;
const HEADER = 20;
const ENTRY = 12;
const MAX_TEXT = 0x7fff;

/** Throws `vhdx.locator.*`. `data.offset` is relative to the start of the item. */
export function decodeParentLocator(bytes: Uint8Array): ParentLocator {
  const reader = new ByteReader(bytes, 'VHDX parent locator');
  const type = reader.guid();
  if (type !== LOCATOR_TYPE_VHDX) {
    throw vhdxError('vhdx.locator.type', `the parent locator has the unknown type ${type}`, {
      data: { offset: 0, found: type, expected: LOCATOR_TYPE_VHDX },
    });
  }
  const count = reader.skip(2).u16();
  if (count > MAX_LOCATOR_KEYS) {
    throw vhdxError(
      'vhdx.locator.count',
      `the parent locator claims ${count} keys; at most ${MAX_LOCATOR_KEYS} are accepted`,
      { data: { offset: 18, found: count, expected: MAX_LOCATOR_KEYS } },
    );
  }
  const values = decodeEntries(reader, bytes, count);
  const linkage = guidOf(values, 'parent_linkage');
  if (linkage === undefined) {
    throw vhdxError('vhdx.locator.linkage', 'the parent locator has no key parent_linkage', {
      data: { offset: 0 },
    });
  }
  const linkage2 = guidOf(values, 'parent_linkage2');
  const paths: { -readonly [K in keyof typeof KEYS]?: string } = {};
  for (const name of ['relativePath', 'volumePath', 'absolutePath'] as const) {
    const value = values.get(KEYS[name]);
    if (value !== undefined) paths[name] = value;
  }
  return {
    linkage,
    ...(linkage2 === undefined || linkage2 === NIL_GUID ? {} : { linkage2 }),
    ...paths,
  };
}

/** Throws `vhdx.write.argument` if a text is too long for its 16-bit length. */
export function encodeParentLocator(locator: ParentLocator): Uint8Array<ArrayBuffer> {
  const texts: (readonly [string, string])[] = [['parent_linkage', `{${locator.linkage}}`]];
  if (locator.linkage2 !== undefined) texts.push(['parent_linkage2', `{${locator.linkage2}}`]);
  for (const name of ['relativePath', 'volumePath', 'absolutePath'] as const) {
    const value = locator[name];
    if (value !== undefined) texts.push([KEYS[name], value]);
  }
  let at = HEADER + texts.length * ENTRY;
  const total = texts.reduce((sum, [key, value]) => sum + (key.length + value.length) * 2, at);
  const writer = new ByteWriter(total).guid(LOCATOR_TYPE_VHDX).u16(0).u16(texts.length);
  for (const [key, value] of texts) {
    if (value.length === 0 || value.length > MAX_TEXT) {
      throw vhdxError(
        'vhdx.write.argument',
        `the value of ${key} has ${value.length} characters; a parent locator allows 1 to ${MAX_TEXT}`,
        { data: { key, found: value.length, expected: MAX_TEXT } },
      );
    }
    const valueAt = at + key.length * 2;
    writer
      .u32(at)
      .u32(valueAt)
      .u16(key.length * 2)
      .u16(value.length * 2);
    at = valueAt + value.length * 2;
  }
  for (const [key, value] of texts) writer.utf16(key).utf16(value);
  return writer.bytes;
}

function decodeEntries(
  reader: ByteReader,
  bytes: Uint8Array,
  count: number,
): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (let i = 0; i < count; i++) {
    const at = reader.position;
    const keyOffset = reader.u32();
    const valueOffset = reader.u32();
    const keyLength = reader.u16();
    const valueLength = reader.u16();
    const inside =
      keyOffset > 0 &&
      valueOffset > 0 &&
      keyOffset + keyLength <= bytes.length &&
      valueOffset + valueLength <= bytes.length;
    if (!inside || keyLength === 0 || keyLength % 2 !== 0 || valueLength % 2 !== 0) {
      throw vhdxError(
        'vhdx.locator.entry',
        `key ${i} of the parent locator lies at ${keyOffset}+${keyLength}, its value at ` +
          `${valueOffset}+${valueLength}; the item has ${bytes.length} bytes`,
        { data: { offset: at, keyOffset, keyLength, valueOffset, valueLength } },
      );
    }
    const text = (start: number, length: number): string =>
      new ByteReader(bytes.subarray(start, start + length), 'VHDX parent locator').utf16(length);
    const key = text(keyOffset, keyLength);
    if (values.has(key)) {
      throw vhdxError('vhdx.locator.duplicate', `the parent locator has ${printable(key)} twice`, {
        data: { offset: at, key: printable(key) },
      });
    }
    values.set(key, text(valueOffset, valueLength));
  }
  return values;
}

function guidOf(values: ReadonlyMap<string, string>, key: string): Guid | undefined {
  const text = values.get(key);
  if (text === undefined) return undefined;
  const guid = tryParseGuid(text);
  if (guid === undefined) {
    throw vhdxError(
      'vhdx.locator.linkage',
      `${key} of the parent locator is “${printable(text.slice(0, 60))}”, which is not a GUID`,
      { data: { key, found: printable(text.slice(0, 60)) } },
    );
  }
  return guid;
}
