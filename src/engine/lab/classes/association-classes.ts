/** Associations; their references are the roles (hyperv-wmi 1.4). */
export const ASSOCIATION_CLASSES = `
CIM_AffectedJobElement | AffectedElement:ref! AffectingElement:ref! ElementEffects:u16[] OtherElementEffectsDescriptions:string[]
Msvm_AffectedJobElement < CIM_AffectedJobElement |
Msvm_AffectedStorageJobElement < CIM_AffectedJobElement |
Msvm_OwningJobElement | OwnedElement:ref! OwningElement:ref!
CIM_ElementSettingData | IsCurrent:u16 IsDefault:u16 IsNext:u16 ManagedElement:ref! SettingData:ref!
Msvm_SystemExportSettingData < CIM_ElementSettingData |
CIM_SettingsDefineState | ManagedElement:ref! SettingData:ref!
Msvm_SettingsDefineState < CIM_SettingsDefineState |
CIM_Dependency | Antecedent:ref! Dependent:ref!
Msvm_SnapshotOfVirtualSystem < CIM_Dependency |
Msvm_MostCurrentSnapshotInBranch < CIM_Dependency |
Msvm_LastAppliedSnapshot < CIM_Dependency |
Msvm_ParentChildSettingData < CIM_Dependency |
Msvm_ReferencePointOfVirtualSystem | Antecedent:ref! Dependent:ref!
CIM_Component | GroupComponent:ref! PartComponent:ref!
Msvm_VirtualSystemSettingDataComponent < CIM_Component |
Msvm_SystemDevice < CIM_Component |
Msvm_BootSourceComponent < CIM_Component |
CIM_LogicalIdentity | SameElement:ref! SystemElement:ref!
Msvm_LogicalIdentity < CIM_LogicalIdentity |
CIM_MemberOfCollection | Collection:ref! Member:ref!
Msvm_CollectedVirtualSystems < CIM_MemberOfCollection |
Msvm_CollectedSnapshots < CIM_MemberOfCollection |
Msvm_CollectedReferencePoints < CIM_MemberOfCollection |
Msvm_SnapshotOfVirtualSystemCollection < CIM_Dependency |
Msvm_ReferencePointOfVirtualSystemCollection < CIM_Dependency |
Msvm_ServiceOfVssComponent < CIM_Dependency |
`;
