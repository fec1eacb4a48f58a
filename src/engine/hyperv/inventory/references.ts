import { delay } from '../../base/abort.ts';
import type { Guid } from '../../base/guid.ts';
import type { CimClient, ReferencedInstance } from '../../cim/client.ts';
import type { CimReference } from '../../cim/model.ts';
import { encodeObjectPath } from '../../cim/object-path.ts';
import { equals, select, type Condition } from '../../cim/wql.ts';
import { hostError } from '../hyperv-errors.ts';
import { hostComputerName } from './computer-name.ts';
import { CLASS } from '../wmi-classes.ts';

/**
 * Returns the object of a class with this InstanceID, together with the host's reference to it;
 * undefined if the host lists none. Only this proves that an object is gone: a Get answers “not
 * found” to incomplete keys too.
 */
export async function findByInstanceId(
  client: CimClient,
  className: string,
  id: string,
  signal: AbortSignal,
): Promise<ReferencedInstance | undefined> {
  return findOne(client, className, equals('InstanceID', id), id, signal);
}

/** Returns the host's own reference to a VM. Throws `host.vm.notFound`. */
export async function vmReferenceOf(
  client: CimClient,
  vmId: Guid,
  signal: AbortSignal,
): Promise<CimReference> {
  const where = equals('Name', vmId.toUpperCase());
  const found = await findOne(client, CLASS.computerSystem, where, vmId, signal);
  if (found !== undefined) return found.reference;
  throw hostError(
    'host.vm.notFound',
    `The host has no VM ${vmId} that is visible to this account`,
    {
      data: { found: vmId },
    },
  );
}

/** Finds the only row of a class for a condition. Throws `host.unclear` for several. */
export async function findOne(
  client: CimClient,
  className: string,
  where: Condition,
  id: string,
  signal: AbortSignal,
): Promise<ReferencedInstance | undefined> {
  const wql = select(className, where);
  const found: ReferencedInstance[] = [];
  for await (const each of client.queryWithReferences(wql, signal)) found.push(each);
  const [only, other] = found;
  if (other === undefined) return only;
  throw hostError(
    'host.unclear',
    `The host lists ${found.length} objects of ${className} with the ID ${id}; expected one. No object was changed`,
    { data: { class: className, found: id, count: found.length } },
  );
}

/** Returns the object path of a reference, with all the keys that the host gave and the host's own name. */
export async function objectPathOf(
  client: CimClient,
  reference: CimReference,
  signal: AbortSignal,
): Promise<string> {
  return encodeObjectPath(reference, await hostComputerName(client, signal));
}

/** Milliseconds before each further check of an object that was just destroyed. */
const LOOKS = [100, 200, 400, 800, 1600] as const;

/**
 * Polls the host until a destroyed object is no longer listed. Throws `host.notRemoved` if it still
 * is: then the object exists, whatever the call returned.
 */
export async function assertGone(
  client: CimClient,
  className: string,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  await requireGone(className, id, () => findByInstanceId(client, className, id, signal), signal);
}

/** Calls `find` until it finds nothing. Throws `host.notRemoved` if it still finds the object. */
export async function requireGone(
  className: string,
  id: string,
  find: () => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  for (const pause of [...LOOKS, undefined]) {
    if ((await find()) === undefined) return;
    if (pause !== undefined) await delay(pause, signal);
  }
  throw hostError(
    'host.notRemoved',
    `The host reported that ${id} was removed, but still lists it: it was not removed`,
    { data: { class: className, found: id } },
  );
}
