import { cimInstance, type CimInstance, type CimValue } from '../../cim/model.ts';
import type { Lab } from '../model/lab.ts';
import { guidOf } from '../state/derived-guid.ts';
import type { LabShadow } from '../state/state.ts';

/** Windows' own provider of shadow copies. */
const SOFTWARE_PROVIDER = 'b5946137-7b9f-4925-af80-51abd60b20d5';
/** State of a shadow copy that is complete (VSS_SS_CREATED). */
const CREATED = 12;
const GIB = 2n ** 30n;
const CAPACITY = 256n * GIB;
const LOCAL_DISK = 3;

/** Returns the name of the volume on which all files of the lab lie. */
const labVolume = ({ state }: Lab): string =>
  `\\\\?\\Volume{${guidOf(`volume ${state.machineName}`)}}\\`;

/** Returns the device of a shadow copy. */
const shadowDevice = ({ number }: LabShadow): string =>
  `\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy${number}`;

const braced = (id: string): string => `{${id.toUpperCase()}}`;

function shadowRow(lab: Lab, shadow: LabShadow): CimInstance {
  const { machineName } = lab.state;
  return cimInstance('Win32_ShadowCopy', {
    ClientAccessible: shadow.clientAccessible,
    Count: 1,
    DeviceObject: shadowDevice(shadow),
    Differential: true,
    ExposedLocally: false,
    ExposedRemotely: false,
    HardwareAssisted: false,
    ID: braced(shadow.id),
    Imported: false,
    InstallDate: shadow.created,
    NoAutoRelease: true,
    NotSurfaced: false,
    NoWriters: shadow.noWriters,
    OriginatingMachine: machineName,
    Persistent: true,
    Plex: false,
    ProviderID: braced(SOFTWARE_PROVIDER),
    ServiceMachine: machineName,
    SetID: braced(shadow.set),
    State: CREATED,
    Transportable: false,
    VolumeName: labVolume(lab),
  });
}

const volumeReference = (lab: Lab): CimValue => ({
  namespace: 'root/cimv2',
  className: 'Win32_Volume',
  keys: { DeviceID: labVolume(lab) },
});

type Rows = (lab: Lab) => readonly CimInstance[];

const ROWS: Readonly<Record<string, Rows>> = {
  Win32_ShadowCopy: (lab) => (lab.state.shadows ?? []).map((each) => shadowRow(lab, each)),
  Win32_Volume: (lab) => [
    cimInstance('Win32_Volume', {
      Automount: true,
      BlockSize: 4096n,
      BootVolume: true,
      Capacity: CAPACITY,
      Caption: 'C:\\',
      Compressed: false,
      DeviceID: labVolume(lab),
      DriveLetter: 'C:',
      DriveType: LOCAL_DISK,
      FileSystem: 'NTFS',
      FreeSpace: CAPACITY / 2n,
      Label: 'Lab',
      MaximumFileNameLength: 255,
      Name: 'C:\\',
      SystemName: lab.state.machineName,
      SystemVolume: false,
    }),
  ],
  // Windows makes the area with the first shadow copy.
  Win32_ShadowStorage: (lab) =>
    (lab.state.shadows ?? []).length === 0
      ? []
      : [
          cimInstance('Win32_ShadowStorage', {
            AllocatedSpace: GIB,
            DiffVolume: volumeReference(lab),
            MaxSpace: CAPACITY / 10n,
            UsedSpace: GIB / 4n,
            Volume: volumeReference(lab),
          }),
        ],
};

/** Returns the instances of a class of VSS; undefined if it is not one. */
export const shadowRows = (lab: Lab, className: string): readonly CimInstance[] | undefined =>
  ROWS[className]?.(lab);
