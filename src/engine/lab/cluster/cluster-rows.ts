import { cimInstance, type CimInstance, type CimReference } from '../../cim/model.ts';
import type { Lab } from '../model/lab.ts';
import { guidOf } from '../state/derived-guid.ts';
import type { LabVm } from '../state/state.ts';

/** GroupType of a virtual machine's group. */
const VIRTUAL_MACHINE = 111;
const ONLINE = 0;
const OFFLINE = 1;
/** State of a resource. */
const RESOURCE = { online: 2, offline: 3 } as const;
const NODE_UP = 0;
const RUNNING = 2;

/** Returns the node that owns a VM: this host, or the one to which it moved. */
const ownerNode = (lab: Lab, vm: LabVm): string => vm.movedTo ?? lab.state.machineName;

/** Returns this host, a second node, and each node to which a VM moved. */
function nodes(lab: Lab): string[] {
  const moved = lab.state.vms.flatMap((vm) => vm.movedTo ?? []);
  return [...new Set([lab.state.machineName, `${lab.state.machineName}-2`, ...moved])];
}

const groupName = (vm: LabVm): string => vm.name;
const resourceName = (vm: LabVm): string => `Virtual Machine ${vm.name}`;

const byName = (className: string, Name: string): CimReference => ({
  namespace: 'root/MSCluster',
  className,
  keys: { Name },
});

type Rows = (lab: Lab) => Iterable<CimInstance>;

/** Rows of each class; a VM's rows are made on demand. */
const ROWS: Readonly<Record<string, Rows>> = {
  MSCluster_Cluster: ({ state }) => [
    cimInstance('MSCluster_Cluster', {
      Caption: state.cluster ?? null,
      ClusterFunctionalLevel: 10,
      CreationClassName: 'MSCluster_Cluster',
      DynamicQuorumEnabled: 1,
      EnableSharedVolumes: 1,
      Fqdn: `${(state.cluster ?? '').toLowerCase()}.lab.test`,
      MaxNumberOfNodes: 64,
      Name: state.cluster ?? null,
      S2DEnabled: 0,
      SharedVolumesRoot: 'C:\\ClusterStorage',
      Status: 'OK',
    }),
  ],
  MSCluster_Node: (lab) =>
    nodes(lab).map((Name, i) =>
      cimInstance('MSCluster_Node', {
        Caption: Name,
        CreationClassName: 'MSCluster_Node',
        DynamicWeight: 1,
        Id: String(i + 1),
        MajorVersion: 10,
        MinorVersion: 0,
        Name,
        NodeDrainStatus: 0,
        NodeInstanceID: `00000000-0000-0000-0000-00000000000${i + 1}`,
        NodeWeight: 1,
        State: NODE_UP,
        Status: 'OK',
        StatusInformation: 0,
      }),
    ),
  *MSCluster_ResourceGroup(lab) {
    for (const vm of lab.state.vms) {
      yield cimInstance('MSCluster_ResourceGroup', {
        AutoFailbackType: 0,
        Caption: groupName(vm),
        DefaultOwner: 4_294_967_295,
        FailoverPeriod: 6,
        FailoverThreshold: 4_294_967_295,
        GroupType: VIRTUAL_MACHINE,
        Id: guidOf(`group ${vm.id}`),
        IsCore: false,
        Name: groupName(vm),
        OwnerNode: ownerNode(lab, vm),
        PersistentState: true,
        Priority: 2000,
        State: vm.enabledState === RUNNING ? ONLINE : OFFLINE,
        StatusInformation: 0n,
      });
    }
  },
  *MSCluster_Resource(lab) {
    for (const vm of lab.state.vms) {
      yield cimInstance('MSCluster_Resource', {
        Caption: resourceName(vm),
        CoreResource: false,
        Id: guidOf(`resource ${vm.id}`),
        IsClusterSharedVolume: false,
        Name: resourceName(vm),
        OwnerGroup: groupName(vm),
        OwnerNode: ownerNode(lab, vm),
        PersistentState: true,
        PrivateProperties: cimInstance('MSCluster_Property', { VmID: vm.id }),
        QuorumCapable: false,
        State: vm.enabledState === RUNNING ? RESOURCE.online : RESOURCE.offline,
        StatusInformation: 0n,
        Type: 'Virtual Machine',
      });
    }
  },
  *MSCluster_NodeToActiveGroup(lab) {
    for (const vm of lab.state.vms) {
      yield cimInstance('MSCluster_NodeToActiveGroup', {
        GroupComponent: byName('MSCluster_Node', ownerNode(lab, vm)),
        PartComponent: byName('MSCluster_ResourceGroup', groupName(vm)),
      });
    }
  },
  *MSCluster_NodeToActiveResource(lab) {
    for (const vm of lab.state.vms) {
      yield cimInstance('MSCluster_NodeToActiveResource', {
        GroupComponent: byName('MSCluster_Node', ownerNode(lab, vm)),
        PartComponent: byName('MSCluster_Resource', resourceName(vm)),
      });
    }
  },
  *MSCluster_ResourceGroupToResource(lab) {
    for (const vm of lab.state.vms) {
      yield cimInstance('MSCluster_ResourceGroupToResource', {
        GroupComponent: byName('MSCluster_ResourceGroup', groupName(vm)),
        PartComponent: byName('MSCluster_Resource', resourceName(vm)),
      });
    }
  },
};

/** Returns the instances of one class of root/MSCluster. */
export const clusterRows = (lab: Lab, className: string): Iterable<CimInstance> =>
  ROWS[className]?.(lab) ?? [];
