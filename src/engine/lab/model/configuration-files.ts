import fs from 'node:fs/promises';
import path from 'node:path';
import { parseGuid } from '../../base/guid.ts';
import { ensureFolder } from '../../source/folders/folder.ts';
import { configurationFolder } from '../files/host-paths.ts';
import { adaptersOf } from '../state/adapters.ts';
import { checkLabFile, type JsonShape } from '../state/json-file.ts';
import type { LabAdapter, LabDisk, LabSetting, LabVm } from '../state/state.ts';
import { JobFailure } from './jobs.ts';
import type { Lab } from './lab.ts';

/** Endings of the files that make up a VM's configuration. */
const CONFIGURATION_ENDINGS = ['vmcx', 'vmrs', 'vmgs'] as const;

/** First line of each of them; the lab imports no other file. */
const HEAD = 'Configuration made by the Refpoint lab; Hyper-V cannot read it: ';
/** Maximum size in bytes. */
const LIMIT = 2 ** 20;

/** Configuration of a VM as the lab writes it. */
export interface LabConfiguration {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly generation: 1 | 2;
  readonly controllerId: string;
  readonly noController: boolean;
  readonly disks: readonly (Pick<LabDisk, 'slot' | 'kind'> & { readonly path: string })[];
  readonly adapters: readonly LabAdapter[];
  readonly changed: Readonly<Record<string, Record<string, LabSetting>>>;
}

const SHAPE: JsonShape = {
  fields: {
    id: 'text',
    name: 'text',
    version: 'text',
    generation: 'number',
    controllerId: 'text',
    noController: 'flag',
    disks: {
      listOf: {
        fields: {
          slot: 'number',
          kind: { oneOf: ['vhdx', 'vhd', 'shared', 'passthrough'] },
          path: 'text',
        },
      },
    },
    adapters: {
      listOf: {
        fields: {
          id: 'text',
          name: 'text',
          mac: 'text',
          staticMac: 'flag',
          connected: 'flag',
          switchId: 'text or null',
          switchName: 'text',
        },
      },
    },
    changed: { fields: {} },
  },
};

/**
 * Writes the configuration files of a VM or of a checkpoint.
 * @param folder local folder; created if missing
 * @param name file name without ending
 */
export async function writeConfiguration(
  lab: Lab,
  vm: LabVm,
  folder: string,
  name: string,
  fileOf: (disk: LabDisk) => string | undefined,
): Promise<void> {
  const configuration: LabConfiguration = {
    id: vm.id,
    name: vm.name,
    version: vm.configurationVersion,
    generation: vm.generation,
    controllerId: vm.controllerId,
    noController: vm.noController === true,
    disks: vm.disks.map((disk) => ({ slot: disk.slot, kind: disk.kind, path: fileOf(disk) ?? '' })),
    adapters: adaptersOf(lab.state, vm),
    changed: vm.changed ?? {},
  };
  await ensureFolder(folder);
  for (const ending of CONFIGURATION_ENDINGS) {
    const text = `${HEAD}.${ending}\n${JSON.stringify(configuration)}\n`;
    await fs.writeFile(path.join(folder, `${name}.${ending}`), text);
  }
}

/**
 * Reads a `.vmcx` that a lab made. Fails as a job does: 32769 for a path outside the host's folder,
 * 32768 for a missing or an invalid file (the codes of a real host are UNCONFIRMED).
 */
export async function readConfiguration(lab: Lab, hostPath: string): Promise<LabConfiguration> {
  const file = lab.paths.toLocal(hostPath);
  if (file === undefined) {
    throw new JobFailure(32769, `Access to ${hostPath} is denied (0x80070005).`);
  }
  const found = await fs.stat(file).catch(() => undefined);
  if (found?.isFile() !== true) {
    throw new JobFailure(32768, `The file ${hostPath} cannot be found (0x80070002).`);
  }
  const text = found.size > LIMIT ? '' : await fs.readFile(file, 'utf8');
  const [head = '', body = ''] = text.split('\n');
  try {
    if (head !== `${HEAD}.vmcx`) throw new Error('not a configuration');
    const value = checkLabFile(hostPath, JSON.parse(body), SHAPE) as LabConfiguration;
    parseGuid(value.id);
    parseGuid(value.controllerId);
    return value;
  } catch {
    throw new JobFailure(32768, `${hostPath} is not a valid configuration file (0x8007000D).`);
  }
}

/** Local folder of the configuration of a VM's checkpoints. */
const snapshotFolder = (lab: Lab, vm: LabVm): string =>
  lab.local(`${configurationFolder(vm.id)}\\Snapshots`);

/** Writes the configuration of a checkpoint, as it was when the checkpoint was made. */
export async function writeCheckpointConfiguration(lab: Lab, vm: LabVm, id: string): Promise<void> {
  const fileOf = (disk: LabDisk): string | undefined => disk.files.at(-1);
  await writeConfiguration(lab, vm, snapshotFolder(lab, vm), id.toUpperCase(), fileOf);
}

/** Removes the configuration of a checkpoint that is gone, and the folder with the last one. */
export async function removeCheckpointConfiguration(
  lab: Lab,
  vm: LabVm,
  id: string,
): Promise<void> {
  const folder = snapshotFolder(lab, vm);
  for (const ending of CONFIGURATION_ENDINGS) {
    await fs.rm(path.join(folder, `${id.toUpperCase()}.${ending}`), { force: true });
  }
  await fs.rmdir(folder).catch(() => undefined);
}
