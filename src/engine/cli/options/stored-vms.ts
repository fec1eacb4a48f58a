import { listPointIds, listPoints } from '../../backup/points/catalog.ts';
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

export const STORED_GROUP: OptionSpec = {
  type: 'value',
  value: 'G',
  help: 'Name or ID of a group of VMs, instead of --vm.',
};

/** Returns what --vm or --group names; undefined if neither is given. */
export function subjectName({ options }: Context): string | undefined {
  const [vm, group] = [options.text('vm'), options.text('group')];
  if (vm !== undefined && group !== undefined) throw usage('Give either --vm or --group');
  return vm ?? group;
}

/** Throws if --group names a VM of the store. */
async function requireGroup(context: Context, store: Store, { id }: StoredVm): Promise<void> {
  if (context.options.text('group') === undefined) return;
  const points = await listPoints(store, id, context.signal);
  const last = points.findLast((point) => point.state === 'complete');
  if (last?.state === 'complete' && last.manifest.group === undefined) {
    throw usage(`${last.manifest.vm.name} is a VM, not a group: name it with --vm`);
  }
}

/** Returns the VM or the group that the command names, or all of the store. */
export async function chosenVms(context: Context, store: Store): Promise<readonly StoredVm[]> {
  const name = subjectName(context);
  if (name === undefined) return describeVms(store, context.signal);
  const found = await resolveVm(store, name, context.signal);
  await requireGroup(context, store, found);
  return [found];
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
