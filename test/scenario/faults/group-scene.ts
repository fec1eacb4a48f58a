import { randomUUID } from 'node:crypto';
import type { BackupOptions } from '../../../src/engine/api/backup.ts';
import { cleanVm } from '../../../src/engine/backup/recovery/clean.ts';
import { runBackup, type BackupResult } from '../../../src/engine/backup/run/run-backup.ts';
import type { Store } from '../../../src/engine/backup/store/contract/store.ts';
import { never } from '../../../src/engine/base/abort.ts';
import type { Guid } from '../../../src/engine/base/guid.ts';
import type { GroupHost } from '../../../src/engine/hosts/groups/group-host.ts';
import {
  backupOptions,
  pattern,
  runDeps,
  type BackupLab,
} from '../../support/backup/backup-lab.ts';

const MIB = 2 ** 20;
export const GROUP = 'cluster';
/** The members; each has a private disk, and both have the VHD Set as their second one. */
export const MEMBERS = ['a', 'b'] as const;

/** Makes two VMs with a private disk each, a VHD Set that both have, and their group. Returns its ID. */
export async function makeGroup(lab: BackupLab): Promise<Guid> {
  for (const [i, name] of MEMBERS.entries()) {
    await lab.ask('add-vm', { name, disks: [{ size: 8 * MIB }] });
    await lab.write(name, 0, MIB - 512, pattern(9216, i + 1));
  }
  const disk = { size: 8 * MIB };
  await lab.ask('add-shared-disk', { name: 'quorum', vms: [...MEMBERS], format: 'vhds', disk });
  await lab.write('a', 1, 4 * MIB, pattern(65_536, 3));
  return (await lab.ask('group-create', { name: GROUP, members: [...MEMBERS] })).id as Guid;
}

/** Writes what the increment reads: to the private disks, and from both guests to the shared one. */
export async function changeGroup(lab: BackupLab): Promise<void> {
  await lab.write('a', 0, 2 * MIB + 512, pattern(5120, 5));
  await lab.write('a', 1, 3 * MIB, pattern(512, 6));
  await lab.write('b', 1, 4 * MIB, Buffer.alloc(65_536));
}

/** A merge that a fault has left out never ends; members have no checkpoint that would explain it. */
const MERGE_WAIT_SECONDS = 2;

const hostOf = (lab: BackupLab): Promise<GroupHost> => lab.host.groups.hostOf(GROUP, never);

export async function backUpGroup(
  lab: BackupLab,
  store: Store,
  change: Partial<BackupOptions>,
  signal: AbortSignal,
): Promise<BackupResult> {
  const host = await hostOf(lab);
  const options = backupOptions(lab, { mergeWaitSeconds: MERGE_WAIT_SECONDS, ...change });
  return runBackup(runDeps(lab, store, { host }), host.group.id, options, randomUUID(), signal);
}

export async function cleanGroup(lab: BackupLab, store: Store): Promise<void> {
  const host = await hostOf(lab);
  const options = {
    dryRun: false,
    pathMap: lab.pathMap,
    mergeWaitSeconds: MERGE_WAIT_SECONDS,
  };
  await cleanVm(runDeps(lab, store, { host }), host.group.id, options, never);
}

/** SHA-256 of each disk as the guests see it, by its slot in the group; `shared` is the VHD Set. */
export async function groupHashes(lab: BackupLab): Promise<Readonly<Record<string, string>>> {
  const hashes: Record<string, string> = { shared: await lab.guestHash('b', 1) };
  for (const { id, name } of await lab.ask('list', {})) {
    hashes[`${id}/scsi0:0`] = await lab.guestHash(name, 0);
  }
  return hashes;
}
