import type { HostVm } from '../../backup/host/host.ts';
import { ledgerOfStore, ledgerOfUser, type KnownLedger } from '../../hosts/by-hand/known-ledger.ts';
import { userFolder } from '../../source/platform/user-folder.ts';
import type { Context } from '../contract/command.ts';
import { openStores } from './open-store.ts';

/** Arguments and options of commands that make or remove something by hand. */
export const VM = { name: 'VM', help: 'a VM by GUID, or by name where exactly one has it' };
export const STORES = {
  store: {
    type: 'values',
    value: 'DIR',
    help: 'Keep it in, or look it up in, the ledger of this store.',
  },
} as const;

/** Returns the ledgers of the stores named, then the user's own. */
export async function ledgersOf(context: Context, vm: HostVm): Promise<readonly KnownLedger[]> {
  const stores = await openStores(context);
  return [
    ...stores.map((store) => ledgerOfStore(store, vm.id)),
    ledgerOfUser(userFolder(context.io.env), vm.id),
  ];
}
