import { DirectoryStore } from '../backup/store/directory-store.ts';
import type { Store } from '../backup/store/store.ts';
import { isEngineError } from '../base/errors.ts';

/** A store that is not there yet holds no point and owns nothing. */
export async function storeIfAny(path: string, signal: AbortSignal): Promise<Store | undefined> {
  try {
    return await DirectoryStore.open(path, { create: false }, signal);
  } catch (error) {
    const empty = isEngineError(error, 'store.notStore') && error.data['found'] === '';
    if (empty || isEngineError(error, 'store.notFound')) return undefined;
    throw error;
  }
}
