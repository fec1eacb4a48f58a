import { DirectoryStore } from '../backup/store/directory-store.ts';
import type { Store } from '../backup/store/store.ts';
import type { Context } from './command.ts';
import { localPath, required } from './option-values.ts';

/** The store of --store; made where `create` and the folder is new or empty. */
export function openStore(context: Context, create: boolean): Promise<Store> {
  const folder = localPath(context, required(context, 'store'));
  return DirectoryStore.open(folder, { create }, context.signal);
}

/** Stores that are given several times; none is made. */
export async function openStores(context: Context): Promise<Store[]> {
  const stores: Store[] = [];
  for (const text of context.options.texts('store')) {
    stores.push(
      await DirectoryStore.open(localPath(context, text), { create: false }, context.signal),
    );
  }
  return stores;
}
