import type { CimInstance } from '../../cim/model.ts';
import { encodeObjectPath, relativePath } from '../../cim/object-path.ts';
import type { ClassTable } from './class-table.ts';

/** System properties of WMI that clients compare and select. */
const SYSTEM = ['__class', '__namespace', '__path', '__relpath', '__server', '__superclass'];

export const isSystemProperty = (name: string): boolean => SYSTEM.includes(name.toLowerCase());

/** Returns a system property of an instance; null if the name is unknown. */
export function systemProperty(
  classes: ClassTable,
  instance: CimInstance,
  name: string,
): string | null {
  const { repository } = classes;
  switch (name.toLowerCase()) {
    case '__class':
      return classes.require(instance.className).name;
    case '__superclass':
      return classes.require(instance.className).superclass ?? null;
    case '__server':
      return repository.machineName;
    case '__namespace':
      return repository.namespace.replaceAll('/', '\\');
    case '__relpath':
      return relativePath(classes.referenceOf(instance), '"');
    case '__path':
      return encodeObjectPath(
        { ...classes.referenceOf(instance), namespace: repository.namespace },
        repository.machineName,
      );
    default:
      return null;
  }
}
