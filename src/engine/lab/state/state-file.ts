import fs from 'node:fs/promises';
import path from 'node:path';
import { replaceFile } from '../../source/files/atomic-file.ts';
import { fileError, systemCode } from '../../source/platform/file-errors.ts';
import { ensureFolder, fileInTheWay, isFileInstead } from '../../source/folders/folder.ts';
import { labError } from '../lab-errors.ts';
import { checkLabFile, readLabFile, type JsonShape } from './json-file.ts';
import { GROUPS_SHAPE, SHADOWS_SHAPE, SMB_SHAPE, STATE_SHAPE } from './state-shape.ts';
import type { LabState } from './state.ts';

const FILE = 'lab-state.json';

/** Fields that every version has. */
const HEAD: JsonShape = { fields: { format: { oneOf: ['refpoint-lab'] }, version: 'number' } };

const DEFAULTS: LabState = {
  format: 'refpoint-lab',
  version: 1,
  machineName: 'REFPOINT-LAB',
  hostVersion: '2019',
  user: 'Administrator',
  httpPort: 0,
  httpsPort: 0,
  rctGranularity: 65_536,
  vms: [],
};

/** Settings that are fixed when a lab is created. */
export type LabSettings = Partial<
  Pick<LabState, 'hostVersion' | 'user' | 'rctGranularity' | 'language' | 'cluster'>
>;

/** Creates a lab in the folder unless it has one. Rejects a folder that contains other things. */
export async function createState(
  folder: string,
  settings: LabSettings,
  signal: AbortSignal,
): Promise<void> {
  await ensureFolder(folder);
  const names = await fs.readdir(folder).catch((error: unknown) => {
    throw fileError(error, 'list', folder);
  });
  if (names.includes(FILE)) return;
  if (names.some((name) => !name.startsWith('.') && name !== 'lab.lock')) {
    throw labError(
      'lab.folder',
      `${folder} is not empty and does not contain a lab: give an empty folder`,
      {
        data: { folder, found: names.slice(0, 5) },
      },
    );
  }
  await saveState(folder, { ...DEFAULTS, ...settings }, signal);
}

/**
 * Checks that the folder contains a lab; does not create one. Throws `lab.notFound`, `source.*`.
 */
export async function requireLab(folder: string): Promise<void> {
  const file = path.join(folder, FILE);
  try {
    await fs.stat(file);
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR'].includes(systemCode(error))) throw fileError(error, 'read', file);
    const instead = await fileInTheWay(folder);
    const why = instead === undefined ? '' : `: ${isFileInstead(instead, folder)}`;
    throw labError('lab.notFound', `There is no lab in ${folder}${why}`, { data: { folder } });
  }
}

export async function loadState(folder: string, signal: AbortSignal): Promise<LabState> {
  signal.throwIfAborted();
  const file = path.join(folder, FILE);
  const found = (await readLabFile(file, HEAD)) as Pick<LabState, 'version'> | undefined;
  if (found === undefined) {
    throw labError('lab.notFound', `There is no lab in ${folder}`, { data: { folder } });
  }
  if (found.version !== 1) {
    throw labError(
      'lab.folder',
      `${folder} holds a lab of version ${String(found.version)}; this program supports version 1`,
      { data: { folder, found: found.version, expected: 1 } },
    );
  }
  const state = checkLabFile(file, found, STATE_SHAPE) as LabState;
  if (state.smb !== undefined) checkLabFile(file, state.smb, SMB_SHAPE);
  if (state.groups !== undefined) checkLabFile(file, state.groups, GROUPS_SHAPE);
  if (state.shadows !== undefined) checkLabFile(file, state.shadows, SHADOWS_SHAPE);
  return state;
}

/** Number of VMs up to which the state is written for people to read. */
const READABLE_VMS = 100;

export async function saveState(
  folder: string,
  state: LabState,
  signal: AbortSignal,
): Promise<void> {
  const indent = state.vms.length > READABLE_VMS ? undefined : 2;
  const text = `${JSON.stringify(state, undefined, indent)}\n`;
  await replaceFile(path.join(folder, FILE), new TextEncoder().encode(text), signal);
}
