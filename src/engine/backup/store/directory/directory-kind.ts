import { resolve } from 'node:path';
import { realPlace } from '../../../source/folders/real-place.ts';
import type { StoreKind } from '../contract/store-kind.ts';
import { DirectoryStore } from './directory-store.ts';

/** Matches a scheme before `//`. A single letter is a Windows drive. */
const URL_FORM = /^[a-z][a-z0-9+.-]+:\/\//i;

/** A folder, on this machine or mounted. */
export const DIRECTORY_KIND: StoreKind = {
  name: 'a folder',
  matches: (location) => !URL_FORM.test(location),
  open: ({ location }, create, signal) => DirectoryStore.open(location, { create }, signal),
  spellings: folderSpellings,
};

/**
 * Returns the path as given and with its links resolved: a link to a mount point stays known under
 * both.
 */
async function folderSpellings(location: string): Promise<readonly string[]> {
  const given = resolve(location);
  const all = [given, await realPlace(given)];
  // Windows ignores case; elsewhere two spellings are two folders.
  return [...new Set(process.platform === 'win32' ? all.map((place) => place.toLowerCase()) : all)];
}
