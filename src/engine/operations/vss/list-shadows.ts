import type { Named } from '../../api/host.ts';
import type { ShadowList, ShadowRow } from '../../api/vss.ts';
import type { BackupHost } from '../../backup/host/host.ts';
import type { OwnSet } from '../../backup/ledger/own-sets.ts';
import { listVms } from '../../backup/points/catalog.ts';
import { readVmRecord } from '../../backup/points/vm-record.ts';
import type { Store } from '../../backup/store/contract/store.ts';
import { requireShadows } from '../../backup/vss/plan-set.ts';
import type { Guid } from '../../base/guid.ts';
import { readLedgers, toUnread, type KnownStores } from '../../hosts/by-hand/known-stores.ts';
import { jobFolderIn } from '../../vss/diskshadow/run-diskshadow.ts';
import type { HostShadow } from '../../vss/wmi/list-shadows.ts';

/** A set of a ledger, and the VM whose ledger it is. */
interface Recorded {
  readonly own: OwnSet;
  readonly vm: Named;
}

/**
 * Lists the shadow copies of a host with their owners, according to the ledgers of the stores, and its
 * volumes. Throws `vss.denied`, `vss.place`, `vss.answer`.
 */
export async function listOwnedShadows(
  host: BackupHost,
  stores: KnownStores,
  signal: AbortSignal,
): Promise<ShadowList> {
  const { shadows, volumes } = await requireShadows(host).list(signal);
  // Most hosts have none: then no ledger need be read.
  const { recorded, unread } =
    shadows.length === 0
      ? { recorded: [], unread: stores.unread }
      : await recordedSets(stores, signal);
  return {
    shadows: shadows.map((shadow) => ({
      ...shadow,
      ...ownerOf(shadow, recorded, unread.length > 0),
    })),
    volumes,
    ...(unread.length === 0 ? {} : { unreadStores: unread }),
  };
}

async function recordedSets(
  stores: KnownStores,
  signal: AbortSignal,
): Promise<{
  readonly recorded: readonly Recorded[];
  readonly unread: KnownStores['unread'];
}> {
  const recorded: Recorded[] = [];
  const unread = new Map(stores.unread.map((each) => [each.path, each]));
  for (const store of stores.stores) {
    let ids: readonly Guid[] = [];
    try {
      ids = await listVms(store, signal);
    } catch (error) {
      unread.set(store.location, toUnread(store.location, error, signal));
    }
    for (const id of ids) {
      const one = { ...stores, stores: [store], unread: [] };
      const found = await readLedgers(one, id, signal);
      for (const each of found.unread) unread.set(each.path, each);
      const sets = found.ledgers.flatMap((ledger) => ledger.sets ?? []);
      if (sets.length === 0) continue;
      const vm = { id, name: await nameOf(store, id, signal) };
      recorded.push(...sets.map((own) => ({ own, vm })));
    }
  }
  return { recorded, unread: [...unread.values()] };
}

/** Returns the name of a VM; '' if its record cannot be read. */
async function nameOf(store: Store, id: Guid, signal: AbortSignal): Promise<string> {
  const record = await readVmRecord(store, id, signal).catch(() => undefined);
  signal.throwIfAborted();
  return record?.name ?? '';
}

function ownerOf(
  shadow: HostShadow,
  recorded: readonly Recorded[],
  someUnread: boolean,
): Pick<ShadowRow, 'owner' | 'vms'> {
  const folder = jobFolderIn(shadow.exposed ?? '');
  const named = recorded.filter(
    ({ own }) => (own.set !== null && own.set === shadow.set) || own.folder === folder,
  );
  if (named.length > 0) {
    const vms = new Map(named.map(({ vm }) => [vm.id, vm]));
    return { owner: 'ours', vms: [...vms.values()] };
  }
  const isUnclear = someUnread || folder !== undefined || recorded.some(mayBe(shadow));
  return { owner: isUnclear ? 'unknown' : 'foreign', vms: [] };
}

/** Whether a backup that does not know its set yet may be making a shadow copy. */
const mayBe =
  ({ id, volume }: HostShadow) =>
  ({ own }: Recorded): boolean =>
    own.set === null &&
    !own.existing.includes(id) &&
    own.volumes.some((each) => each.toLowerCase() === volume?.toLowerCase());
