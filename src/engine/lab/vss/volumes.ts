import path from 'node:path';
import type { HostVolume, LabDrive } from '../files/host-paths.ts';
import type { Lab } from '../model/lab.ts';
import { guidOf } from '../state/derived-guid.ts';
import type { LabShadow } from '../state/state.ts';

/** Returns the name of a volume, `\\?\Volume{GUID}\`. */
export const volumeName = ({ state }: Lab, drive: LabDrive): string =>
  `\\\\?\\Volume{${guidOf(`volume ${drive === 'C' ? '' : `${drive} `}${state.machineName}`)}}\\`;

/**
 * Returns the volume that a client names: by its name, its letter (`C:`, `C:\`), or a folder of
 * it. Undefined if the host does not have it.
 */
export function findVolume(lab: Lab, name: string): HostVolume | undefined {
  const wanted = name.toLowerCase();
  return lab.paths.volumes.find(({ drive }) => {
    const letter = `${drive.toLowerCase()}:`;
    const own = volumeName(lab, drive).toLowerCase();
    return (
      wanted === letter || wanted === `${letter}\\` || `${wanted.replace(/\\$/, '')}\\` === own
    );
  });
}

/** Returns the device of a shadow copy. */
export const shadowDevice = ({ number }: Pick<LabShadow, 'number'>): string =>
  `\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy${number}`;

/** Returns the local folder that stands for `\\?\GLOBALROOT\Device`. */
const devicesFolder = (lab: Lab): string => path.join(lab.folder, 'shadows');

/** Returns the local folder with the root of the volume as it was: `C:\Lab` is `Lab` in it. */
export const shadowFolder = (lab: Lab, { number }: Pick<LabShadow, 'number'>): string =>
  path.join(devicesFolder(lab), `HarddiskVolumeShadowCopy${number}`);

/** Returns the drive of a shadow copy. */
export const driveOf = ({ volume = 'C' }: Pick<LabShadow, 'volume'>): LabDrive => volume;
