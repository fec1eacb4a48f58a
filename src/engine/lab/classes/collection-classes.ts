/**
 * Collections of VMs, of their snapshots and of their reference points, and what VHD Sets and guest
 * clusters answer (hyperv-wmi 1.6, 2.4, 2.5). The collections lack the properties of replication. One
 * class begins each row that is not indented (declare.ts).
 */
export const COLLECTION_CLASSES = `
CIM_Collection < CIM_ManagedElement |
CIM_CollectionOfMSEs < CIM_Collection | CollectionID:string
Msvm_VirtualSystemCollection < CIM_CollectionOfMSEs | CollectionID:string!
Msvm_SnapshotCollection < CIM_Collection | CollectionID:string!
Msvm_ReferencePointCollection < CIM_Collection | CollectionID:string! ConsistencyLevel:u16
    HasAssociatedLog:bool ReferencePointType:u16 VirtualSystemCollectionId:string!
Msvm_VHDSetInformation | AllPaths:string[] Path:string SnapshotIdList:string[]
Msvm_VHDSnapshotInformation | CreationTime:datetime FilePath:string ParentPathsList:string[]
    ResilientChangeTrackingId:string SnapshotId:string SnapshotPath:string
Msvm_GuestClusterInformation | ClusterId:string ClusterSize:u16 IsActiveActive:bool[] IsClustered:bool[]
    IsOnline:bool[] IsOwned:bool[] LastResourceMoveTime:u64 SharedVirtualHardDiskPaths:string[]
    SharedVirtualHardDisks:string[]
`;
