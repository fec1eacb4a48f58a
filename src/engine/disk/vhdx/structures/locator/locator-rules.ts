import { NIL_GUID, tryParseGuid } from '../../../../base/guid.ts';
import { fieldDefects } from '../../../inspect/field-rules.ts';
import { readField, sizeOf } from '../../../inspect/fields.ts';
import { printable } from '../../../inspect/plain.ts';
import {
  LINKAGE,
  LINKAGE2,
  LOCATOR_ENTRY,
  LOCATOR_HEADER,
  locatorEntries,
  PATH_KEYS,
  type LocatorEntry,
} from './locator-fields.ts';
import { tooShort, type VhdxDefect } from '../vhdx-defect.ts';

const NAME = 'the parent locator';
const KEYS = new Set<string>([LINKAGE, LINKAGE2, ...Object.values(PATH_KEYS)]);
const SECTION = 'MS-VHDX 2.6.2.6.3';

const cut = (text: string): string => printable(text.slice(0, 60));

/**
 * Returns all defects of a parent locator.
 * @param at offset of the item in the file
 */
export function parentLocatorDefects(bytes: Uint8Array, at: number): readonly VhdxDefect[] {
  const short = tooShort(bytes, sizeOf(LOCATOR_HEADER), NAME, at, 'MS-VHDX 2.6.2.6.1');
  if (short.length > 0) return short;
  const head: VhdxDefect[] = fieldDefects(LOCATOR_HEADER, bytes, NAME, at);
  if (head.some(({ field }) => field === 'KeyValueCount')) return head;
  const entries = locatorEntries(bytes);
  const found: VhdxDefect[] = [...head, ...entries.flatMap((entry, i) => placeDefects(entry, i))];
  const claimed = readField(LOCATOR_HEADER.KeyValueCount, bytes);
  if (entries.length < claimed) {
    found.push({
      code: 'vhdx.locator.entries',
      error: 'vhdx.locator.entry',
      structure: NAME,
      field: 'KeyValueCount',
      offset: LOCATOR_HEADER.KeyValueCount.offset,
      found: claimed,
      expected: `at most ${entries.length}, which is what ${bytes.length} bytes hold`,
      section: 'MS-VHDX 2.6.2.6.1',
    });
  }

  found.push(...keyDefects(entries), ...pathDefects(entries));
  return found.map((defect) =>
    head.includes(defect) ? defect : { ...defect, offset: defect.offset + at },
  );

  /** Texts lie inside the item; keys are not empty. */
  function placeDefects({ at: entryAt, key, value }: LocatorEntry, index: number): VhdxDefect[] {
    const inside = key.text !== undefined && value.text !== undefined;
    if (inside && key.at > 0 && value.at > 0 && key.length > 0) return [];
    return [
      {
        code: inside && key.length === 0 ? 'vhdx.locator.emptyKey' : 'vhdx.locator.entry',
        error: 'vhdx.locator.entry',
        structure: NAME,
        offset: entryAt,
        found: `${key.at}+${key.length}, ${value.at}+${value.length}`,
        expected: `texts inside the ${bytes.length} bytes of the item`,
        section: LOCATOR_ENTRY.KeyOffset.section,
        text:
          `key ${index} of the parent locator lies at ${key.at}+${key.length}, its value at ` +
          `${value.at}+${value.length}; the item has ${bytes.length} bytes`,
      },
    ];
  }
}

/** Each key once, without NUL, and the linkage as a GUID. */
function keyDefects(entries: readonly LocatorEntry[]): VhdxDefect[] {
  const found: VhdxDefect[] = [];
  const seen = new Set<string>();
  for (const { at, key, value } of entries) {
    if (key.text === undefined || key.length === 0) continue;
    const name = key.text;
    const about = { structure: NAME, offset: at, section: SECTION, data: { key: cut(name) } };
    if (seen.has(name)) {
      found.push({
        ...about,
        code: 'vhdx.locator.duplicate',
        error: 'vhdx.locator.duplicate',
        found: cut(name),
        expected: 'each key once',
        text: `the parent locator has ${cut(name)} twice`,
      });
    }
    seen.add(name);
    if (name.includes('\0') || value.text?.includes('\0') === true) {
      found.push({
        ...about,
        code: 'vhdx.locator.nul',
        severity: 'warning',
        found: 'a NUL character',
        expected: 'text without a terminator',
        text: `the key ${cut(name)} of the parent locator, or its value, contains a NUL character`,
      });
    }
    if (!KEYS.has(name)) {
      found.push({
        ...about,
        code: KEYS.has(name.toLowerCase()) ? 'vhdx.locator.keyCase' : 'vhdx.locator.unknownKey',
        severity: KEYS.has(name.toLowerCase()) ? 'warning' : 'info',
        found: cut(name),
        expected: [...KEYS].join(', '),
        text: `the parent locator has the key ${cut(name)}, which readers ignore`,
      });
    }
    const guid = tryParseGuid(value.text ?? '');
    const link = name === LINKAGE || name === LINKAGE2;
    if (link && guid === undefined && value.text !== undefined) {
      found.push({
        ...about,
        code: name === LINKAGE ? 'vhdx.locator.linkageText' : 'vhdx.locator.linkage2Text',
        error: 'vhdx.locator.linkage',
        found: cut(value.text),
        expected: 'a GUID in braces',
        text: `${name} of the parent locator is “${cut(value.text)}”, which is not a GUID`,
      });
    }
    if (name === LINKAGE && guid === NIL_GUID) {
      found.push({
        ...about,
        code: 'vhdx.locator.linkageNil',
        severity: 'warning',
        found: NIL_GUID,
        expected: 'the DataWriteGuid of the parent',
      });
    }
  }
  if (!seen.has(LINKAGE)) {
    found.push({
      code: 'vhdx.locator.linkage',
      error: 'vhdx.locator.linkage',
      structure: NAME,
      offset: 0,
      found: 'no such key',
      expected: LINKAGE,
      section: SECTION,
      text: 'the parent locator has no key parent_linkage',
    });
  }
  return found;
}

/** At least one path, and the relative one relative. */
function pathDefects(entries: readonly LocatorEntry[]): VhdxDefect[] {
  const about = { structure: NAME, section: SECTION } as const;
  const paths = Object.values(PATH_KEYS).flatMap((name) => {
    const entry = entries.find(({ key, value }) => key.text === name && value.length > 0);
    return entry === undefined ? [] : [{ name, at: entry.at, text: entry.value.text ?? '' }];
  });
  if (paths.length === 0) {
    return [
      {
        ...about,
        code: 'vhdx.locator.noPath',
        offset: 0,
        found: 'no path',
        expected: 'at least one path to the parent',
        text: 'the parent locator holds no path to the parent',
      },
    ];
  }
  const relative = paths.find(({ name }) => name === PATH_KEYS.relativePath);
  if (relative === undefined) {
    return [
      {
        ...about,
        code: 'vhdx.locator.noRelative',
        severity: 'warning',
        offset: paths[0]?.at ?? 0,
        found: 'absolute paths only',
        expected: PATH_KEYS.relativePath,
        text: 'the parent locator has no relative path: the parent is lost when the folder moves',
      },
    ];
  }
  if (!/^(?:[a-z]:|[\\/])/i.test(relative.text) && !relative.text.includes('/')) return [];
  return [
    {
      ...about,
      code: 'vhdx.locator.relativeForm',
      severity: 'warning',
      field: PATH_KEYS.relativePath,
      offset: relative.at,
      found: cut(relative.text),
      expected: 'a path from the folder of the file, with backslashes',
    },
  ];
}
