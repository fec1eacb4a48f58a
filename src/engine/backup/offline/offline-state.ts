import { diskError } from '../../disk/virtual/disk-errors.ts';
import type { BackupHost, HostVm } from '../host/host.ts';
import type { HostFiles } from '../host/host-files.ts';
import type { BackupPlan } from '../plan/plan-backup.ts';
import type { Recovered } from '../run/record/run-record.ts';

interface FileState {
  readonly path: string;
  readonly size: number | null;
  readonly changed: string | null;
}

/**
 * Checks that a group stayed off and its files stayed unchanged: compares the states of the VMs, the files of
 * their disks, and the size and change time of each file. Some file servers give no change time; then only the
 * size and the states are compared.
 */
export class OfflineState {
  readonly #host: BackupHost;
  readonly #vm: HostVm;
  readonly #files: HostFiles;
  readonly #before: readonly FileState[];

  private constructor(
    host: BackupHost,
    vm: HostVm,
    files: HostFiles,
    before: readonly FileState[],
  ) {
    this.#host = host;
    this.#vm = vm;
    this.#files = files;
    this.#before = before;
  }

  /** Records the state; call it before anything of the disks is read. Throws `path.*`, `smb.*`. */
  static async of(
    { deps, vm }: Pick<Recovered, 'deps' | 'vm'>,
    { disks }: Pick<BackupPlan, 'disks'>,
    files: HostFiles,
    signal: AbortSignal,
  ): Promise<OfflineState> {
    const before: FileState[] = [];
    for (const { disk } of disks) before.push(await stateOf(disk.path, files, signal));
    return new OfflineState(deps.host, vm, files, before);
  }

  /** Throws `disk.source.changed` if anything differs. Call it after the last read. */
  async check(signal: AbortSignal): Promise<void> {
    const now = await this.#host.findVm(this.#vm.id, signal);
    const [running] = now.offline?.running ?? [];
    if (running !== undefined || now.offline === undefined) {
      const who = running === undefined ? 'The group' : running.name;
      throw changed(this.#before[0]?.path ?? '', `${who} was started while its disks were read`);
    }
    if (disksOf(now) !== disksOf(this.#vm)) {
      throw changed(this.#before[0]?.path ?? '', 'the VMs have other disks now');
    }
    for (const before of this.#before) {
      const { path } = before;
      const after = await stateOf(path, this.#files, signal);
      if (after.size !== before.size) {
        throw changed(path, `it had ${before.size} bytes and has ${after.size}`);
      }
      if (after.changed !== before.changed) throw changed(path, 'it was written to');
    }
  }
}

async function stateOf(path: string, files: HostFiles, signal: AbortSignal): Promise<FileState> {
  const found = await files.access.stat(await files.pathOf(path, signal), signal);
  return { path, size: found?.size ?? null, changed: found?.changed ?? null };
}

/** Returns the slot, file, disk ID and holders of each disk as text that can be compared. */
const disksOf = ({ disks, members = [] }: HostVm): string =>
  JSON.stringify([
    members.map(({ id }) => id),
    disks.map(({ slot, path, virtualDiskId, holders = [] }) => [
      slot,
      path,
      virtualDiskId,
      holders.map(({ id }) => id),
    ]),
  ]);

const changed = (path: string, why: string): Error =>
  diskError(
    'disk.source.changed',
    `${path} changed during the backup: ${why}. The point was discarded`,
    { data: { path } },
  );
