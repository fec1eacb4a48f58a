import { decodeBitmaps } from '../structures/bitmaps-extension.ts';
import { headerField } from '../structures/header-fields.ts';
import type { HeaderExtension } from '../structures/header-extensions.ts';
import type { Qcow2Defect } from '../structures/header-rules.ts';
import { BITMAPS, type Qcow2Header } from '../structures/header.ts';
import { section } from '../structures/layout.ts';

/** Maximum number of bitmaps that a message names. */
const MAX_NAMED = 5;

/**
 * Returns the finding that an image has bitmaps: they are not used.
 * @param tables the bitmaps, with names that are safe to show
 * @param unsaved number of bitmaps that the program which used them did not save
 */
export function bitmapsNote(
  tables: readonly { readonly name: string }[],
  unsaved: number,
  offset: number,
): Qcow2Defect {
  const names = tables.slice(0, MAX_NAMED).map(({ name }) => `“${name}”`);
  const more = tables.length > MAX_NAMED ? ` and ${tables.length - MAX_NAMED} more` : '';
  const what = tables.length === 1 ? 'a bitmap' : `${tables.length} bitmaps`;
  const lost = unsaved === 0 ? '' : `; ${unsaved} of them in use or not saved`;
  return {
    code: 'qcow2.bitmaps.ignored',
    severity: 'info',
    structure: 'qcow2 bitmaps',
    offset,
    found: what,
    expected: 'the contents of the disk alone',
    section: section('Bitmaps extension'),
    text: `the image has ${what} of changed parts: ${names.join(', ')}${more}${lost}. Refpoint does not use them, and copies of the disk do not have them`,
  };
}

/** Returns the finding that the bitmaps of an image are outdated; undefined if they are not. */
export function staleBitmaps(
  header: Qcow2Header,
  extensions: readonly HeaderExtension[],
): Qcow2Defect | undefined {
  if ((header.autoclear & BITMAPS) !== 0n || decodeBitmaps(extensions) === undefined) {
    return undefined;
  }
  return {
    code: 'qcow2.bitmaps.stale',
    severity: 'info',
    structure: 'qcow2 bitmaps extension',
    offset: headerField('autoclear_features').offset,
    found: 'bitmaps without their feature bit',
    expected: 'the bit “bitmaps” of autoclear_features',
    section: section('Bitmaps extension'),
    text: 'the image has bitmaps, and was then written by a program that does not know them: they are outdated, and their clusters count as lost',
  };
}
