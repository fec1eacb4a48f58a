import { isEngineError } from '../../base/errors.ts';
import { tryParseGuid, type Guid } from '../../base/guid.ts';
import { recordError } from '../errors/record-errors.ts';
import { readVmRecord } from './vm-record.ts';
import { listPoints, listVms } from './catalog.ts';
import type { Store } from '../store/contract/store.ts';

/** A VM in a store. */
export interface StoredVm {
  readonly id: Guid;
  /** '' if neither its record nor any manifest can be read. */
  readonly name: string;
}

/**
 * Lists the VMs of a store with their latest names; if a record is damaged, the name comes from the
 * manifests.
 */
export async function describeVms(store: Store, signal: AbortSignal): Promise<readonly StoredVm[]> {
  const vms: StoredVm[] = [];
  for (const id of await listVms(store, signal)) {
    vms.push({ id, name: await nameOf(store, id, signal) });
  }
  return vms;
}

/** Finds a VM by GUID, or by a name that exactly one VM of the store has. */
export async function resolveVm(
  store: Store,
  nameOrId: string,
  signal: AbortSignal,
): Promise<StoredVm> {
  const id = tryParseGuid(nameOrId);
  const vms = await describeVms(store, signal);
  const fitting = vms.filter((vm) =>
    id === undefined ? vm.name.toLowerCase() === nameOrId.toLowerCase() : vm.id === id,
  );
  const [vm, ...more] = fitting;
  if (vm !== undefined && more.length === 0) return vm;
  if (vm === undefined) {
    const names = vms.map((v) => v.name || v.id);
    throw recordError(
      'vm.missing',
      `The store ${store.location} has no VM “${nameOrId}”; it has ${names.slice(0, 20).join(', ') || 'none'}`,
      { data: { store: store.location, asked: nameOrId, found: names.slice(0, 100) } },
    );
  }
  const ids = fitting.map((v) => v.id);
  throw recordError(
    'vm.ambiguous',
    `${fitting.length} VMs of the store are called “${nameOrId}”; use one of the IDs: ${ids.join(', ')}`,
    { data: { store: store.location, asked: nameOrId, found: ids } },
  );
}

async function nameOf(store: Store, id: Guid, signal: AbortSignal): Promise<string> {
  const record = await ifReadable(readVmRecord(store, id, signal));
  if (record !== undefined) return record.name;
  const points = await ifReadable(listPoints(store, id, signal));
  const last = points?.findLast((point) => point.state === 'complete');
  return last?.state === 'complete' ? last.manifest.vm.name : '';
}

/**
 * Returns undefined if the record is damaged or permanently unreadable, for example behind a link:
 * one folder does not hide the others.
 */
async function ifReadable<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isEngineError(error) && error.permanent) return undefined;
    throw error;
  }
}
