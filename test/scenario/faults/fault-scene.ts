import assert from 'node:assert/strict';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackupOptions } from '../../../src/engine/api/backup.ts';
import type { Guid } from '../../../src/engine/base/guid.ts';
import type { LabState } from '../../../src/engine/lab/state/state.ts';
import { backup, openBackupLab, openTestStore, pattern } from '../../support/backup/backup-lab.ts';
import type { Method } from '../../support/backup/killed-backup.ts';

const MIB = 2 ** 20;
export const VM = 'busy';
export const DISKS = 2;

/** A lab and a store in a folder, just before the backup that a fault strikes. */
export interface FaultScene {
  readonly folder: string;
  readonly vmId: Guid;
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
  method: Method,
): Promise<{ readonly full: FaultScene; readonly incr: FaultScene }> {
  const work = join(folder, 'work');
  const smb = method === 'smb';
  let lab = await openBackupLab(work, { smb });
  const disks = Array.from({ length: DISKS }, () => ({ size: 8 * MIB }));
  const { id } = await lab.ask('add-vm', { name: VM, disks });
  for (let disk = 0; disk < DISKS; disk++) {
    await lab.write(VM, disk, MIB - 512, pattern(9216, disk + 1));
    await lab.write(VM, disk, 4 * MIB, pattern(65_536, disk + 3));
  }
  const { id: referencePoint } = await lab.ask('reference-point-create', {
    vm: VM,
    consistency: 'crash',
  });
  const { id: checkpoint } = await lab.ask('checkpoint-create', { vm: VM });
  const [vm] = await lab.ask('list', {});
  const active = vm?.disks.map((disk) => disk.path) ?? [];
  const facts = { vmId: id as Guid, foreign: { referencePoint, checkpoint }, active };

  const save = async (name: 'full' | 'incr'): Promise<FaultScene> => {
    await lab.close();
    const saved = join(folder, name);
    await cp(work, saved, { recursive: true });
    lab = await openBackupLab(work, { smb });
    const before = (await lab.ask('fault-list', {})).exchanges;
    const { manifest } = await backup(lab, await openTestStore(lab), VM, readBy(method));
    assert.equal(manifest.kind, name, manifest.reason.text);
    const { exchanges } = await lab.ask('fault-list', {});
    return { ...facts, folder: saved, exchanges: exchanges - before };
  };
  const full = await save('full');
  await lab.write(VM, 0, 2 * MIB + 512, pattern(5120, 5));
  await lab.write(VM, 0, 3 * MIB, pattern(512, 6));
  await lab.write(VM, 1, 4 * MIB, Buffer.alloc(65_536));
  const incr = await save('incr');
  await lab.close();
  await rm(work, { recursive: true });
  return { full, incr };
}

/** Options of a backup that reads by a method; the file server needs no mapped folder. */
export const readBy = (method: Method): Partial<BackupOptions> =>
  method === 'smb' ? { method, pathMap: [] } : { method };

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
