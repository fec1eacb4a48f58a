import type { Defect } from '../../inspect/defect.ts';
import { printable } from './footer.ts';
import {
  LOCATOR_BYTES,
  LOCATORS_AT,
  MAX_LOCATOR_TEXT,
  PLATFORMS,
  type LocatorEntry,
} from './locator-entry.ts';
import type { VhdErrorCode } from './vhd-errors.ts';

/**
 * Yields the broken rules of one used parent locator entry. Readers accept all of them: they take
 * the entries that they can read.
 * @param headerOffset offset of the dynamic header in the file
 */
export function* locatorRules(
  entry: LocatorEntry,
  index: number,
  headerOffset: number,
  fileSize: number,
): Generator<Defect<VhdErrorCode>> {
  const { code, length, offset } = entry;
  const defect = (
    rule: string,
    field: string,
    at: number,
    found: string | number,
    expected: string | number,
  ): Defect<VhdErrorCode> => ({
    code: `vhd.locator.${rule}`,
    severity: 'warning',
    structure: `VHD parent locator ${index + 1}`,
    field,
    offset: headerOffset + LOCATORS_AT + index * LOCATOR_BYTES + at,
    found,
    expected,
    section: 'VHD 1.0, Parent Locator Entries',
  });
  if (PLATFORMS[code] === undefined) {
    const known = Object.keys(PLATFORMS).join(', ');
    yield {
      ...defect('platform', 'PlatformCode', 0, printable(code), `one of ${known}`),
      severity: 'info',
    };
  }
  if (length === 0 || length > MAX_LOCATOR_TEXT) {
    yield defect('length', 'PlatformDataLength', 8, length, `1 to ${MAX_LOCATOR_TEXT} bytes`);
  }
  if (
    !Number.isSafeInteger(offset) ||
    offset < headerOffset + LOCATORS_AT ||
    offset + length > fileSize
  ) {
    const expected = `the place of ${length} bytes behind the header and before the file's end at ${fileSize}`;
    yield defect('place', 'PlatformDataOffset', 16, String(offset), expected);
  }
}
