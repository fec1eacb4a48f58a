import { keyOf, type CimValue } from '../../cim/model.ts';
import { JobFailure } from '../model/jobs.ts';
import type { Lab } from '../model/lab.ts';
import { BOOT_SOURCE, bootSources } from '../rows/shared/boot-sources.ts';
import { settingsId } from '../rows/shared/ids.ts';
import type { LabSetting, LabVm } from '../state/state.ts';
import { pathReference } from './contract/arguments.ts';

/**
 * Returns a boot order as the lab keeps it. Fails as a job does for a path that names no boot source of
 * the VM, or one twice (the code of a real host is UNCONFIRMED).
 */
export function keptOrder(lab: Lab, vm: LabVm, value: CimValue): LabSetting {
  const sources = bootSources(lab, vm);
  const owner = `${settingsId(vm.id)}\\`.toUpperCase();
  const order = (Array.isArray(value) ? (value as readonly CimValue[]) : []).map((path) => {
    const reference = pathReference(lab, path);
    const id = reference === undefined ? '' : (keyOf(reference, 'InstanceID') ?? '').toUpperCase();
    const own = id.startsWith(owner) ? id.slice(owner.length) : undefined;
    const source = sources.find((each) => each.id.toUpperCase() === own);
    if (reference?.className !== BOOT_SOURCE || source === undefined) {
      throw new JobFailure(
        32773,
        `${JSON.stringify(path)} names no boot source of the virtual machine.`,
      );
    }
    return source.id;
  });
  if (new Set(order).size === order.length) return order;
  throw new JobFailure(32773, 'BootSourceOrder names a boot source twice.');
}
