import type { ByteSource } from '../../../source/byte-source.ts';
import type { DynamicHeader } from '../structures/dynamic-header.ts';
import {
  isUsed,
  locatorText,
  MAX_LOCATOR_TEXT,
  PLATFORMS,
  type LocatorEntry,
} from '../structures/locator-entry.ts';

/** A used parent locator entry with its text. */
export interface ReadLocator {
  readonly index: number;
  readonly entry: LocatorEntry;
  /** The path; undefined if it cannot be read. */
  readonly text: string | undefined;
}

/** Reads the texts of the used locator entries. Entries outside the file have none. */
export async function readLocators(
  source: ByteSource,
  { locators }: DynamicHeader,
  signal: AbortSignal,
): Promise<readonly ReadLocator[]> {
  const read: ReadLocator[] = [];
  for (const [index, entry] of locators.entries()) {
    if (!isUsed(entry)) continue;
    const { code, offset, length } = entry;
    const inside = Number.isSafeInteger(offset) && offset + length <= source.size;
    if (!inside || length === 0 || length > MAX_LOCATOR_TEXT) {
      read.push({ index, entry, text: undefined });
      continue;
    }
    const bytes = new Uint8Array(length);
    await source.read(offset, bytes, signal);
    read.push({ index, entry, text: locatorText(code, bytes) });
  }
  return read;
}

/**
 * Returns the parent's paths: Unicode entries before deprecated ones. The name in the header stands
 * for a missing path; Windows writes the absolute path there, Virtual PC the file name.
 */
export function parentPaths(
  header: DynamicHeader,
  locators: readonly ReadLocator[],
): { readonly relativePath: string | undefined; readonly absolutePath: string | undefined } {
  const text = (kind: 'relative' | 'absolute'): string | undefined =>
    Object.keys(PLATFORMS)
      .filter((code) => PLATFORMS[code]?.path === kind)
      .map(
        (code) =>
          locators.find(({ entry, text: path }) => entry.code === code && (path ?? '') !== '')
            ?.text,
      )
      .find((path) => path !== undefined);
  const absolute = text('absolute') ?? (header.parentName === '' ? undefined : header.parentName);
  return { relativePath: text('relative'), absolutePath: absolute };
}
