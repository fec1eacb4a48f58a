import assert from 'node:assert/strict';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackupOptions } from '../../../src/engine/api/backup.ts';
import type { Guid } from '../../../src/engine/base/guid.ts';
import type { LabState } from '../../../src/engine/lab/state/state.ts';
import type { BackupResult } from '../../../src/engine/backup/run/run-backup.ts';
import type { Store } from '../../../src/engine/backup/store/contract/store.ts';
import { never } from '../../../src/engine/base/abort.ts';
import {
  backup,
  clean,
  openBackupLab,
  openTestStore,
  pattern,
  type BackupLab,
} from '../../support/backup/backup-lab.ts';
import {
  backUpGroup,
  changeGroup,
  cleanGroup,
  GROUP,
  groupHashes,
  makeGroup,
  MEMBERS,
} from './group-scene.ts';
import type { Method } from '../../support/backup/killed-backup.ts';

const MIB = 2 ** 20;
export const VM = 'busy';
const DISKS = 2;

/** What a backup is of, and how it reads: a VM by a method, or a group by the file server. */
export type SceneName = Method | 'group';

/** A lab and a store in a folder, just before the backup that a fault strikes. */
export interface FaultScene {
  readonly folder: string;
  /** ID of the VM or the group. */
  readonly vmId: Guid;
  readonly of: SceneName;
  /** Objects of another product and of an administrator. */
  readonly foreign: { readonly referencePoint: string; readonly checkpoint: string };
  /** Active files of the disks while no checkpoint of ours exists. */
  readonly active: readonly string[];
  /** Exchanges of the backup without a fault. */
  readonly exchanges: number;
}

/** Makes the scene before a full, and the one before the increment on it. */
export async function makeScenes(
  folder: string,
  of: SceneName,
): Promise<{ readonly full: FaultScene; readonly incr: FaultScene }> {
  const work = join(folder, 'work');
  const smb = of === 'smb' || of === 'group';
  let lab = await openBackupLab(work, { smb });
  const made = of === 'group' ? await makeGroupFacts(lab) : await makeVmFacts(lab);
  const facts = { ...made, of };

  const save = async (name: 'full' | 'incr'): Promise<FaultScene> => {
    await lab.close();
    const saved = join(folder, name);
    await cp(work, saved, { recursive: true });
    lab = await openBackupLab(work, { smb });
    const before = (await lab.ask('fault-list', {})).exchanges;
    const { manifest } = await backUp(lab, await openTestStore(lab), of, readBy(of), never);
    assert.equal(manifest.kind, name, manifest.reason.text);
    const { exchanges } = await lab.ask('fault-list', {});
    return { ...facts, folder: saved, exchanges: exchanges - before };
  };
  const full = await save('full');
  await (of === 'group' ? changeGroup(lab) : changeVm(lab));
  const incr = await save('incr');
  await lab.close();
  await rm(work, { recursive: true });
  return { full, incr };
}

type Made = Pick<FaultScene, 'vmId' | 'foreign' | 'active'>;

async function makeVmFacts(lab: BackupLab): Promise<Made> {
  const disks = Array.from({ length: DISKS }, () => ({ size: 8 * MIB }));
  const { id } = await lab.ask('add-vm', { name: VM, disks });
  for (let disk = 0; disk < DISKS; disk++) {
    await lab.write(VM, disk, MIB - 512, pattern(9216, disk + 1));
    await lab.write(VM, disk, 4 * MIB, pattern(65_536, disk + 3));
  }
  const point = await lab.ask('reference-point-create', { vm: VM, consistency: 'crash' });
  const { id: checkpoint } = await lab.ask('checkpoint-create', { vm: VM });
  const foreign = { referencePoint: point.id, checkpoint };
  return { vmId: id as Guid, foreign, active: await activeFiles(lab) };
}

/** A collection of another product, and an administrator's checkpoint of a member. */
async function makeGroupFacts(lab: BackupLab): Promise<Made> {
  const vmId = await makeGroup(lab);
  const collection = { group: GROUP, convert: true };
  const { id: referencePoint } = await lab.ask('group-snapshot', collection);
  const { id: checkpoint } = await lab.ask('checkpoint-create', { vm: MEMBERS[0] });
  return { vmId, foreign: { referencePoint, checkpoint }, active: await activeFiles(lab) };
}

const activeFiles = async (lab: BackupLab): Promise<readonly string[]> =>
  (await lab.ask('list', {})).flatMap(({ disks }) => disks.map((disk) => disk.path));

async function changeVm(lab: BackupLab): Promise<void> {
  await lab.write(VM, 0, 2 * MIB + 512, pattern(5120, 5));
  await lab.write(VM, 0, 3 * MIB, pattern(512, 6));
  await lab.write(VM, 1, 4 * MIB, Buffer.alloc(65_536));
}

/** Options of a backup that reads by a method; the file server needs no mapped folder. */
export const readBy = (of: SceneName): Partial<BackupOptions> =>
  of === 'smb' || of === 'group' ? { method: 'smb', pathMap: [] } : { method: of };

/** One backup of the VM or the group of a scene. */
export const backUp = (
  lab: BackupLab,
  store: Store,
  of: SceneName,
  options: Partial<BackupOptions>,
  signal: AbortSignal,
): Promise<BackupResult> =>
  of === 'group'
    ? backUpGroup(lab, store, options, signal)
    : backup(lab, store, VM, options, signal);

export const cleanUp = async (
  lab: BackupLab,
  store: Store,
  { of, vmId }: FaultScene,
): Promise<void> => {
  if (of === 'group') await cleanGroup(lab, store);
  else await clean(lab, store, vmId);
};

/** SHA-256 of each disk as its guests see it, by slot. */
export async function guestHashes(
  lab: BackupLab,
  { of }: FaultScene,
): Promise<Readonly<Record<string, string>>> {
  if (of === 'group') return groupHashes(lab);
  const hashes: Record<string, string> = {};
  for (let disk = 0; disk < DISKS; disk++) {
    hashes[`scsi0:${disk}`] = await lab.guestHash(VM, disk);
  }
  return hashes;
}

/**
 * Puts a copy of the scene in place of the folder `work`. The copy is the same host, on a free port:
 * a lab gives a copy in another folder a name of its own.
 */
export async function layOut(scene: FaultScene, work: string): Promise<void> {
  await rm(work, { recursive: true, force: true });
  await cp(scene.folder, work, { recursive: true });
  const file = join(work, 'lab', 'lab-state.json');
  const state = JSON.parse(await readFile(file, 'utf8')) as LabState;
  state.folder = join(work, 'lab');
  state.httpPort = 0;
  await writeFile(file, JSON.stringify(state));
}
