import { cimInstance, type CimInstance, type CimValue } from '../../cim/model.ts';
import type { Lab } from '../model/lab.ts';
import { guidOf } from '../state/derived-guid.ts';
import type { HostVersion } from '../state/state.ts';
import { shadowRows } from '../vss/shadow-rows.ts';

/** Build numbers of the servers that a lab can emulate. */
const OS_BUILDS: Readonly<Record<HostVersion, string>> = {
  '2012r2': '9600',
  2016: '14393',
  2019: '17763',
  2022: '20348',
  2025: '26100',
};

/** Returns the version of Windows as it names itself. */
export const osVersion = (version: HostVersion): string =>
  `${version === '2012r2' ? '6.3' : '10.0'}.${OS_BUILDS[version]}`;

/** Memory of the host in KiB, and its processor. */
const MEMORY_KIB = 64n * 2n ** 20n;
const CORES = 8;
const THREADS = 16;

/** Numbers of languages as Windows gives them (LCID). */
const LCID: Readonly<Record<string, number>> = { 'en-US': 1033, 'de-DE': 1031, 'ja-JP': 1041 };

type Row = (lab: Lab) => Readonly<Record<string, CimValue>>;

const computerSystem = (lab: Lab): CimInstance => row(lab, 'Win32_ComputerSystem');
const processor = (lab: Lab): CimInstance => row(lab, 'Win32_Processor');

const ROWS: Readonly<Record<string, Row>> = {
  Win32_OperatingSystem: ({ state }) => {
    const year = state.hostVersion === '2012r2' ? '2012 R2' : state.hostVersion;
    const edition = `Microsoft Windows Server ${year} Standard`;
    const build = OS_BUILDS[state.hostVersion];
    return {
      BootDevice: '\\Device\\HarddiskVolume1',
      BuildNumber: build,
      BuildType: 'Multiprocessor Free',
      CSCreationClassName: 'Win32_ComputerSystem',
      CSName: state.machineName,
      Caption: edition,
      CodeSet: '1252',
      CountryCode: '1',
      CreationClassName: 'Win32_OperatingSystem',
      CurrentTimeZone: 0,
      DataExecutionPrevention_32BitApplications: true,
      DataExecutionPrevention_Available: true,
      DataExecutionPrevention_Drivers: true,
      DataExecutionPrevention_SupportPolicy: 3,
      Debug: false,
      Description: '',
      Distributed: false,
      EncryptionLevel: 256,
      ForegroundApplicationBoost: 2,
      FreePhysicalMemory: MEMORY_KIB / 2n,
      FreeSpaceInPagingFiles: 2n ** 22n,
      FreeVirtualMemory: MEMORY_KIB / 2n,
      InstallDate: '2026-01-01T08:00:00Z',
      LastBootUpTime: STARTED,
      LocalDateTime: new Date().toISOString(),
      Locale: '0409',
      MUILanguages: [state.language ?? 'en-US'],
      Manufacturer: 'Microsoft Corporation',
      MaxNumberOfProcesses: 4_294_967_295,
      MaxProcessMemorySize: 137_438_953_344n,
      Name: `${edition}|C:\\Windows|\\Device\\Harddisk0\\Partition3`,
      NumberOfLicensedUsers: 0,
      NumberOfProcesses: 96,
      NumberOfUsers: 2,
      OSArchitecture: '64-bit',
      OSLanguage: LCID[state.language ?? 'en-US'] ?? 1033,
      OSProductSuite: 272,
      OSType: 18,
      OperatingSystemSKU: 7,
      Organization: '',
      PortableOperatingSystem: false,
      Primary: true,
      ProductType: 3,
      RegisteredUser: 'Windows User',
      SerialNumber: '00429-00000-00001-AA000',
      ServicePackMajorVersion: 0,
      ServicePackMinorVersion: 0,
      SizeStoredInPagingFiles: 2n ** 22n,
      Status: 'OK',
      SuiteMask: 272,
      SystemDevice: '\\Device\\HarddiskVolume3',
      SystemDirectory: 'C:\\Windows\\system32',
      SystemDrive: 'C:',
      TotalVirtualMemorySize: MEMORY_KIB + 2n ** 22n,
      TotalVisibleMemorySize: MEMORY_KIB,
      Version: osVersion(state.hostVersion),
      WindowsDirectory: 'C:\\Windows',
    };
  },
  Win32_ComputerSystem: ({ state }) => ({
    AdminPasswordStatus: 3,
    AutomaticManagedPagefile: true,
    AutomaticResetBootOption: true,
    AutomaticResetCapability: true,
    BootROMSupported: true,
    BootStatus: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    BootupState: 'Normal boot',
    Caption: state.machineName,
    ChassisBootupState: 3,
    CreationClassName: 'Win32_ComputerSystem',
    CurrentTimeZone: 0,
    DNSHostName: state.machineName.toLowerCase(),
    Description: 'AT/AT COMPATIBLE',
    Domain: 'WORKGROUP',
    DomainRole: 2,
    EnableDaylightSavingsTime: true,
    FrontPanelResetStatus: 3,
    HypervisorPresent: true,
    InfraredSupported: false,
    KeyboardPasswordStatus: 3,
    Manufacturer: 'Refpoint',
    Model: 'Lab host',
    Name: state.machineName,
    NetworkServerModeEnabled: true,
    NumberOfLogicalProcessors: THREADS,
    NumberOfProcessors: 1,
    PCSystemType: 4,
    PCSystemTypeEx: 4,
    PartOfDomain: false,
    PauseAfterReset: -1n,
    PowerOnPasswordStatus: 3,
    PowerState: 0,
    PowerSupplyState: 3,
    PrimaryOwnerName: 'Windows User',
    ResetCapability: 1,
    ResetCount: -1,
    ResetLimit: -1,
    Roles: ['LM_Workstation', 'LM_Server', 'NT', 'Server_NT'],
    Status: 'OK',
    SystemType: 'x64-based PC',
    ThermalState: 3,
    TotalPhysicalMemory: MEMORY_KIB * 1024n,
    WakeUpType: 6,
    Workgroup: 'WORKGROUP',
  }),
  Win32_ComputerSystemProduct: ({ state }) => ({
    Caption: 'Computer System Product',
    Description: 'Computer System Product',
    IdentifyingNumber: guidOf(`serial ${state.machineName}`).slice(0, 8),
    Name: 'Lab host',
    UUID: guidOf(`host ${state.machineName}`),
    Vendor: 'Refpoint',
    Version: '1.0',
  }),
  Win32_Processor: ({ state }) => ({
    AddressWidth: 64,
    Architecture: 9,
    Availability: 3,
    Caption: 'Intel64 Family 6 Model 85 Stepping 7',
    Characteristics: 252,
    CpuStatus: 1,
    CreationClassName: 'Win32_Processor',
    CurrentClockSpeed: 2400,
    CurrentVoltage: 16,
    DataWidth: 64,
    Description: 'Intel64 Family 6 Model 85 Stepping 7',
    DeviceID: 'CPU0',
    ExtClock: 100,
    Family: 179,
    L2CacheSize: 8192,
    L3CacheSize: 16_896,
    L3CacheSpeed: 0,
    Level: 6,
    LoadPercentage: 3,
    Manufacturer: 'GenuineIntel',
    MaxClockSpeed: 2400,
    Name: 'Lab processor @ 2.40GHz',
    NumberOfCores: CORES,
    NumberOfEnabledCore: CORES,
    NumberOfLogicalProcessors: THREADS,
    PowerManagementSupported: false,
    ProcessorId: 'BFEBFBFF00050657',
    ProcessorType: 3,
    Revision: 21_767,
    Role: 'CPU',
    SecondLevelAddressTranslationExtensions: false,
    SocketDesignation: 'CPU 1',
    Status: 'OK',
    StatusInfo: 3,
    SystemCreationClassName: 'Win32_ComputerSystem',
    SystemName: state.machineName,
    ThreadCount: THREADS,
    UpgradeMethod: 56,
    VMMonitorModeExtensions: false,
    VirtualizationFirmwareEnabled: false,
    VoltageCaps: 2,
  }),
  Win32_ComputerSystemProcessor: (lab) => ({
    GroupComponent: reference(computerSystem(lab), 'Name'),
    PartComponent: reference(processor(lab), 'DeviceID'),
  }),
};

/** When this program started, as the host's start. */
const STARTED = new Date().toISOString();

function row(lab: Lab, className: string): CimInstance {
  return cimInstance(className, ROWS[className]?.(lab) ?? {});
}

/** Returns a reference to an object of this namespace with one key, which is text. */
function reference({ className, properties }: CimInstance, key: string): CimValue {
  const value = properties.get(key);
  const keys = { [key]: typeof value === 'string' ? value : '' };
  return { namespace: 'root/cimv2', className, keys };
}

/** Returns the instances of one class of root/cimv2. */
export function cimv2Rows(lab: Lab, className: string): CimInstance[] {
  return className in ROWS ? [row(lab, className)] : [...(shadowRows(lab, className) ?? [])];
}
