import type { Guid } from '../../base/guid.ts';
import type { CimClient, ReferencedInstance } from '../../cim/client.ts';
import { decodeEmbedded, typedInstance } from '../../cim/cim-xml.ts';
import { equals, select } from '../../cim/wql.ts';
import { COLLECTION_OPERATION } from '../calls/collection-operations.ts';
import { finishCall } from '../calls/jobs.ts';
import { invoke } from '../calls/invoke.ts';
import { hostError } from '../hyperv-errors.ts';
import { CLASS } from '../wmi-classes.ts';
import { WmiRecord } from '../wmi-record.ts';

/** A shared disk as the cluster in a guest knows it. */
export interface ClusterDisk {
  readonly path: string;
  readonly isClustered: boolean;
  readonly isOnline: boolean;
  /** This guest owns the disk. */
  readonly isOwned: boolean;
  /** The disk is a cluster shared volume in the guest. */
  readonly isActiveActive: boolean;
}

export interface GuestCluster {
  /** Empty: the guest is not a node of a cluster. */
  readonly id: string;
  readonly size: number;
  readonly disks: readonly ClusterDisk[];
}

const operation = COLLECTION_OPERATION.queryGuestClusterInformation;

/**
 * Asks the guest of a VM for its cluster. Undefined if the host has no such service for the VM. Throws
 * `host.method` with the code if the guest does not answer.
 */
export async function guestCluster(
  client: CimClient,
  vmId: Guid,
  signal: AbortSignal,
): Promise<GuestCluster | undefined> {
  const wql = select(CLASS.vssService, equals('SystemName', vmId.toUpperCase()));
  let service: ReferencedInstance | undefined;
  for await (const row of client.queryWithReferences(wql, signal)) service ??= row;
  if (service === undefined) return undefined;
  const first = await invoke(client, operation, {}, signal, service.reference);
  await finishCall(client, operation.method, first, signal);
  const { out } =
    first.returnValue === 0
      ? first
      : await invoke(client, operation, {}, signal, service.reference);
  const text = out.text('GuestClusterInformation');
  return text === null ? undefined : decode(text);
}

function decode(text: string): GuestCluster {
  const row = new WmiRecord(typedInstance(decodeEmbedded(text)));
  const paths = row.texts('SharedVirtualHardDiskPaths');
  const flags = (name: string): readonly boolean[] => {
    const list = row.texts(name).map((each) => /^true$/i.test(each));
    if (list.length === paths.length) return list;
    throw hostError(
      'host.value',
      `${row.className}.${name} has ${list.length} values for ${paths.length} disks`,
      { data: { class: row.className, property: name, found: list.length } },
    );
  };
  const [clustered, online, owned, active] = [
    flags('IsClustered'),
    flags('IsOnline'),
    flags('IsOwned'),
    flags('IsActiveActive'),
  ];
  return {
    id: row.text('ClusterId') ?? '',
    size: row.number('ClusterSize') ?? 0,
    disks: paths.map((path, i) => ({
      path,
      isClustered: clustered[i] === true,
      isOnline: online[i] === true,
      isOwned: owned[i] === true,
      isActiveActive: active[i] === true,
    })),
  };
}
