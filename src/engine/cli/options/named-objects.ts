import type { NamedObject } from '../../operations/by-hand/named-object.ts';
import { openedStores, type KnownStores } from '../../hosts/by-hand/known-stores.ts';
import type { Context } from '../contract/command.ts';
import { openStores } from './open-store.ts';

/** Arguments and options of the commands that create, list or remove an object by hand. */
export const VM = { name: 'VM', help: 'a VM: its GUID, or a name that only one VM has' };
export const STORES = {
  store: {
    type: 'values',
    value: 'DIR',
    help: 'Use the ledger of this store.',
  },
} as const;

/** Opens the stores of the options. */
export const storesOf = async (context: Context): Promise<KnownStores> =>
  openedStores(await openStores(context));

/** Returns the object that the arguments name. */
export async function namedObject(context: Context): Promise<NamedObject> {
  const [vm = '', id = ''] = context.args;
  return { vm, id, stores: await storesOf(context), foreign: context.options.flag('foreign') };
}
