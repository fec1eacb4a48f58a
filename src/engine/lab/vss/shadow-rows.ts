import { cimInstance, type CimInstance, type CimValue } from '../../cim/model.ts';
import type { LabDrive } from '../files/host-paths.ts';
import type { Lab } from '../model/lab.ts';
import type { LabShadow } from '../state/state.ts';
import { hostFolderOf } from './mounts.ts';
import { driveOf, shadowDevice, volumeName } from './volumes.ts';

/** Windows' own provider of shadow copies. */
const SOFTWARE_PROVIDER = 'b5946137-7b9f-4925-af80-51abd60b20d5';
/** State of a shadow copy that is complete (VSS_SS_CREATED). */
const CREATED = 12;
const GIB = 2n ** 30n;
const CAPACITY = 256n * GIB;
const LOCAL_DISK = 3;

const braced = (id: string): string => `{${id.toUpperCase()}}`;

function shadowRow(lab: Lab, shadow: LabShadow): CimInstance {
  const { machineName } = lab.state;
  return cimInstance('Win32_ShadowCopy', {
    ClientAccessible: shadow.clientAccessible,
    Count: 1,
    DeviceObject: shadowDevice(shadow),
    Differential: true,
    ExposedLocally: shadow.mount !== undefined,
    ...(shadow.mount === undefined
      ? {}
      : { ExposedName: `${hostFolderOf(lab, shadow.mount)}\\`, ExposedPath: '\\' }),
    ExposedRemotely: false,
    HardwareAssisted: false,
    ID: braced(shadow.id),
    Imported: false,
    InstallDate: shadow.created,
    NoAutoRelease: shadow.persistent !== false,
    NotSurfaced: false,
    NoWriters: shadow.noWriters,
    OriginatingMachine: machineName,
    Persistent: shadow.persistent !== false,
    Plex: false,
    ProviderID: braced(SOFTWARE_PROVIDER),
    ServiceMachine: machineName,
    SetID: braced(shadow.set),
    State: CREATED,
    Transportable: false,
    VolumeName: volumeName(lab, driveOf(shadow)),
  });
}

const volumeReference = (lab: Lab, drive: LabDrive): CimValue => ({
  namespace: 'root/cimv2',
  className: 'Win32_Volume',
  keys: { DeviceID: volumeName(lab, drive) },
});

function volumeRow(lab: Lab, drive: LabDrive): CimInstance {
  const system = drive === 'C';
  return cimInstance('Win32_Volume', {
    Automount: true,
    BlockSize: 4096n,
    BootVolume: system,
    Capacity: CAPACITY,
    Caption: `${drive}:\\`,
    Compressed: false,
    DeviceID: volumeName(lab, drive),
    DriveLetter: `${drive}:`,
    DriveType: LOCAL_DISK,
    FileSystem: 'NTFS',
    FreeSpace: CAPACITY / 2n,
    Label: system ? 'Lab' : 'Lab disks',
    MaximumFileNameLength: 255,
    Name: `${drive}:\\`,
    SystemName: lab.state.machineName,
    SystemVolume: false,
  });
}

/** Windows makes the area with the first shadow copy of a volume. */
function storageRows(lab: Lab): readonly CimInstance[] {
  const shadows = lab.state.shadows ?? [];
  return lab.paths.volumes
    .filter(({ drive }) => shadows.some((each) => driveOf(each) === drive))
    .map(({ drive }) =>
      cimInstance('Win32_ShadowStorage', {
        AllocatedSpace: GIB,
        DiffVolume: volumeReference(lab, drive),
        MaxSpace: CAPACITY / 10n,
        UsedSpace: GIB / 4n,
        Volume: volumeReference(lab, drive),
      }),
    );
}

/** Folders in which a volume is found: the roots of its drives. */
function mountPointRow(lab: Lab, drive: LabDrive): CimInstance {
  const directory: CimValue = {
    namespace: 'root/cimv2',
    className: 'Win32_Directory',
    keys: { Name: `${drive}:\\` },
  };
  return cimInstance('Win32_MountPoint', {
    Directory: directory,
    Volume: volumeReference(lab, drive),
  });
}

type Rows = (lab: Lab) => readonly CimInstance[];

const ROWS: Readonly<Record<string, Rows>> = {
  Win32_ShadowCopy: (lab) => (lab.state.shadows ?? []).map((each) => shadowRow(lab, each)),
  Win32_Volume: (lab) => lab.paths.volumes.map(({ drive }) => volumeRow(lab, drive)),
  Win32_ShadowStorage: storageRows,
  Win32_Directory: (lab) =>
    lab.paths.volumes.map(({ drive }) =>
      cimInstance('Win32_Directory', {
        Caption: `${drive}:\\`,
        Drive: `${drive.toLowerCase()}:`,
        FileType: 'Local Disk',
        Name: `${drive}:\\`,
        Path: '\\',
        Readable: true,
        Writeable: true,
      }),
    ),
  Win32_MountPoint: (lab) => lab.paths.volumes.map(({ drive }) => mountPointRow(lab, drive)),
};

/** Returns the instances of a class of VSS; undefined if it is not one. */
export const shadowRows = (lab: Lab, className: string): readonly CimInstance[] | undefined =>
  ROWS[className]?.(lab);
