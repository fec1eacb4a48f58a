import { listPointIds } from '../../backup/points/catalog.ts';
import { describeVms, resolveVm, type StoredVm } from '../../backup/points/vm-names.ts';
import type { Store } from '../../backup/store/contract/store.ts';
import { usage } from '../contract/cli-errors.ts';
import type { Context, OptionSpec } from '../contract/command.ts';

export const STORE: OptionSpec = { type: 'value', value: 'DIR', help: 'The store.' };
export const STORED_VM: OptionSpec = {
  type: 'value',
  value: 'VM',
  help: 'Name or GUID; required if the store has several.',
};

/** Returns the VM that the command names, or all of the store. */
export async function chosenVms(context: Context, store: Store): Promise<readonly StoredVm[]> {
  const name = context.options.text('vm');
  return name === undefined
    ? describeVms(store, context.signal)
    : [await resolveVm(store, name, context.signal)];
}

/**
 * Returns the named VM, or the only one that has points: a backup that fails early leaves a folder
 * without points.
 */
export async function oneVm(context: Context, store: Store): Promise<StoredVm> {
  const vms = await chosenVms(context, store);
  const filled: StoredVm[] = [];
  for (const vm of vms) {
    if ((await listPointIds(store, vm.id, context.signal)).length > 0) filled.push(vm);
  }
  const [vm, ...more] = filled.length === 0 ? vms : filled;
  if (vm === undefined) throw usage('The store has no VM');
  if (more.length > 0) {
    const names = filled.map(({ name, id }) => name || id).join(', ');
    throw usage(`The store has ${filled.length} VMs; name one with --vm: ${names}`);
  }
  return vm;
}
