import type { Guid } from '../../base/guid.ts';
import { vssError } from '../vss-errors.ts';
import type { NativeComponent, NativeMetadata } from './read-results.ts';

type NamedComponent = Pick<NativeComponent, 'type' | 'logicalPath' | 'name'>;

/** Returns the fields that name a component in a step: type, logical path ('' for none), name. */
export const componentFields = ({ type, logicalPath, name }: NamedComponent): readonly string[] => [
  String(type),
  logicalPath ?? '',
  name,
];

/** Returns the component of a VM. Throws `vss.component` if the writer does not have it. */
export function findComponent({ components }: NativeMetadata, vm: Guid): NativeComponent {
  const found = components.find(({ name }) => name.toLowerCase() === vm);
  if (found !== undefined) return found;
  throw vssError('vss.component', `The Hyper-V writer has no component for the VM ${vm}`, {
    data: { step: 'begin', vms: [vm] },
  });
}
