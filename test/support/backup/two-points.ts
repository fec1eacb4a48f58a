import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { PointManifest } from '../../../src/engine/backup/manifest/manifest.ts';
import type { RestoreOptions } from '../../../src/engine/backup/restore/restore.ts';
import type { LabSettings } from '../../../src/engine/lab/state/state-file.ts';
import type { Store } from '../../../src/engine/backup/store/contract/store.ts';
import { backup, openTestStore, pattern, startBackupLab, type BackupLab } from './backup-lab.ts';

const MIB = 2 ** 20;

/** A VM of one disk with a full and an increment in a store. */
export interface Made {
  readonly lab: BackupLab;
  readonly store: Store;
  readonly full: PointManifest;
  readonly incr: PointManifest;
  /** Hash of the guest's disk at each. */
  readonly hashes: readonly [string, string];
}

export async function fullAndIncrement(t: TestContext, settings: LabSettings = {}): Promise<Made> {
  const lab = await startBackupLab(t, { settings });
  const store = await openTestStore(lab);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 12 * MIB }] });
  await lab.write('vm', 0, MIB, pattern(3 * MIB, 1));
  const first = await lab.guestHash('vm', 0);
  const { manifest: full } = await backup(lab, store, 'vm');
  await lab.write('vm', 0, 2 * MIB + 512, pattern(5120, 2));
  await lab.write('vm', 0, 3 * MIB, Buffer.alloc(65_536));
  const hashes = [first, await lab.guestHash('vm', 0)] as const;
  const { manifest: incr } = await backup(lab, store, 'vm');
  return { lab, store, full, incr, hashes };
}

export function restoreOptions(made: Made, change: Partial<RestoreOptions>): RestoreOptions {
  const to = join(made.lab.folder, 'out');
  const vmId = made.full.vm.id;
  return { vmId, point: 'latest', disks: [], to, format: 'vhdx', force: false, ...change };
}

export const pathOf = ({ store }: Made, manifest: PointManifest, file: string): string =>
  join(store.location, manifest.vm.id, manifest.id, file);
