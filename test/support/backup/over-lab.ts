import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { OverDeps } from '../../../src/engine/backup/replace/with-vm.ts';
import { toLocalPath } from '../../../src/engine/backup/host/path-map.ts';
import { restoreOver } from '../../../src/engine/backup/replace/restore-over.ts';
import { acceptRestore, undoOver } from '../../../src/engine/backup/replace/settle-over.ts';
import type {
  OverDocument,
  OverOptions,
  SettledOver,
} from '../../../src/engine/backup/restore/over/over-options.ts';
import type { Store } from '../../../src/engine/backup/store/contract/store.ts';
import { never } from '../../../src/engine/base/abort.ts';
import { noLog } from '../../../src/engine/base/log.ts';
import { noProgress } from '../../../src/engine/base/progress.ts';
import { openImage } from '../../../src/engine/disk/chain/open-as.ts';
import type { Guid } from '../../../src/engine/base/guid.ts';
import { backup, pattern, type BackupLab } from './backup-lab.ts';
import type { BackedUpVm } from './import-lab.ts';

export function overOptions(
  lab: BackupLab,
  vm: BackedUpVm,
  change: Partial<OverOptions> = {},
): OverOptions {
  const { id } = vm;
  const usual = { vmId: id, point: 'latest', disks: [], over: id, confirm: id };
  return { ...usual, pathMap: lab.pathMap, ...change };
}

const MIB = 2 ** 20;

/** A VM of two disks that are large enough for parts of them to be worth writing alone, with two points. */
export async function filledVm(lab: BackupLab, store: Store, name: string): Promise<BackedUpVm> {
  const disks = [{ size: 24 * MIB }, { size: 12 * MIB }];
  const { id } = await lab.ask('add-vm', { name, disks });
  await lab.write(name, 0, 0, pattern(8 * MIB, 1));
  await lab.write(name, 1, MIB, pattern(6 * MIB, 2));
  const points: { id: string; hashes: readonly string[] }[] = [];
  for (const seed of [1, 2]) {
    await lab.write(name, 0, 2 * MIB, pattern(3 * 65_536, seed + 10));
    await lab.write(name, 1, (7 + seed) * MIB, pattern(70_000, seed + 20));
    const { manifest } = await backup(lab, store, name);
    points.push({ id: manifest.id, hashes: await guestHashes(lab, name) });
  }
  const { disks: found } = await lab.host.findVm(name, never);
  return { id: id as Guid, name, points, slots: found.map(({ slot }) => slot) };
}

type SomeDeps = Partial<OverDeps>;

const depsOf = (lab: BackupLab, store: Store, deps: SomeDeps): OverDeps => {
  const usual = { host: lab.host, store, progress: noProgress, log: noLog, now: Date.now };
  return { ...usual, onEdge: async () => undefined, ...deps };
};

export const over = (
  lab: BackupLab,
  store: Store,
  options: OverOptions,
  deps: SomeDeps = {},
  signal: AbortSignal = never,
): Promise<OverDocument> => restoreOver(depsOf(lab, store, deps), options, signal);

export const undo = (
  lab: BackupLab,
  store: Store,
  options: OverOptions,
  deps: SomeDeps = {},
): Promise<SettledOver> => undoOver(depsOf(lab, store, deps), options, never);

export const accept = (
  lab: BackupLab,
  store: Store,
  options: OverOptions,
  deps: SomeDeps = {},
): Promise<SettledOver> => acceptRestore(depsOf(lab, store, deps), options, never);

/** Turns a VM off, so that its disks can be replaced. */
export const turnOff = (lab: BackupLab, vm: string): Promise<unknown> =>
  lab.ask('set-state', { vm, state: 'off' });

/** Files that a VM has now, on the host. */
export async function attachedFiles(lab: BackupLab, vm: string): Promise<readonly string[]> {
  return (await lab.host.findVm(vm, never)).disks.map(({ path }) => path);
}

/** SHA-256 of files of the host, as they lie there. */
export async function fileHashes(
  lab: BackupLab,
  files: readonly string[],
): Promise<readonly string[]> {
  const hashes: string[] = [];
  for (const file of files) {
    const bytes = await readFile(toLocalPath(file, lab.pathMap, false).path);
    hashes.push(createHash('sha256').update(bytes).digest('hex'));
  }
  return hashes;
}

/** What the guest sees on its two disks. */
export const guestHashes = async (lab: BackupLab, vm: string): Promise<readonly string[]> => [
  await lab.guestHash(vm, 0),
  await lab.guestHash(vm, 1),
];

/** Bytes of an image's own parts: those with data, and those that hide the parent by zeros. */
export async function ownBytes(
  lab: BackupLab,
  file: string,
): Promise<{ readonly data: number; readonly zero: number }> {
  const image = await openImage(toLocalPath(file, lab.pathMap, false).path, never);
  const bytes = { data: 0, zero: 0, transparent: 0 };
  try {
    const whole = { start: 0, end: image.size };
    for await (const extents of image.extentsIn([whole], never)) {
      for (const { kind, start, end } of extents) bytes[kind] += end - start;
    }
    return bytes;
  } finally {
    await image.close();
  }
}
