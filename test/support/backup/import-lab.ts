import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { storeLedger } from '../../../src/engine/backup/ledger/ledger-file.ts';
import { toLocalPath } from '../../../src/engine/backup/host/path-map.ts';
import { importVm } from '../../../src/engine/backup/restore/import/import-vm.ts';
import type { ImportDeps } from '../../../src/engine/backup/restore/import/import-work.ts';
import type {
  ImportedVm,
  ImportOptions,
} from '../../../src/engine/backup/restore/import/import-options.ts';
import type { Store } from '../../../src/engine/backup/store/contract/store.ts';
import { never } from '../../../src/engine/base/abort.ts';
import type { Guid } from '../../../src/engine/base/guid.ts';
import { noLog } from '../../../src/engine/base/log.ts';
import { noProgress } from '../../../src/engine/base/progress.ts';
import { backup, pattern, type BackupLab } from './backup-lab.ts';

const MIB = 2 ** 20;

/** A VM of two disks with a full and an increment. */
export interface BackedUpVm {
  readonly id: Guid;
  readonly name: string;
  /** Points, and the contents of the disks at each. */
  readonly points: readonly { readonly id: string; readonly hashes: readonly string[] }[];
  readonly slots: readonly string[];
}

/** Without its folder the configuration is out of reach; the disks are in a folder below. */
export function disksOnly(lab: BackupLab, vmId: string): BackupLab['pathMap'] {
  const [root] = lab.pathMap;
  assert.ok(root !== undefined);
  const below = ['VMs', vmId.toUpperCase(), 'Virtual Hard Disks'];
  return [{ host: [root.host, ...below].join('\\'), local: join(root.local, ...below) }];
}

/** @param configured the points have the host's own configuration files */
export async function backedUpVm(
  lab: BackupLab,
  store: Store,
  name: string,
  { generation = 2, configured = true }: { generation?: 1 | 2; configured?: boolean } = {},
): Promise<BackedUpVm> {
  const disks = [{ size: 8 * MIB }, { size: 4 * MIB }];
  const vm = await lab.ask('add-vm', { name, generation, disks });
  const pathMap = configured ? lab.pathMap : disksOnly(lab, vm.id);
  const points: { id: string; hashes: string[] }[] = [];
  for (const seed of [1, 2]) {
    await lab.write(name, 0, MIB, pattern(3 * 65_536, seed));
    await lab.write(name, 1, seed * MIB, pattern(70_000, seed + 7));
    const { manifest } = await backup(lab, store, name, { pathMap });
    assert.equal(manifest.kind, seed === 1 ? 'full' : 'incr');
    const names = manifest.configFiles.map(({ file }) => file);
    assert.equal(
      names.some((each) => each.endsWith('.vmcx')),
      configured,
      names.join(', '),
    );
    const hashes = [await lab.guestHash(name, 0), await lab.guestHash(name, 1)];
    points.push({ id: manifest.id, hashes });
  }
  const { disks: found } = await lab.host.findVm(name, never);
  return { id: vm.id as Guid, name, points, slots: found.map(({ slot }) => slot) };
}

export function importOptions(
  lab: BackupLab,
  vm: BackedUpVm,
  change: Partial<ImportOptions> = {},
): ImportOptions {
  return {
    vmId: vm.id,
    point: 'latest',
    as: `${vm.name} restored`,
    hostFolder: 'C:\\Lab\\Restored',
    pathMap: lab.pathMap,
    connect: false,
    switches: [],
    start: false,
    keep: false,
    ...change,
  };
}

export function importInto(
  lab: BackupLab,
  store: Store,
  options: ImportOptions,
  deps: Partial<ImportDeps> = {},
): Promise<ImportedVm> {
  const usual = { host: lab.host, store, progress: noProgress, log: noLog, now: Date.now };
  return importVm({ ...usual, onEdge: async () => undefined, ...deps }, options, never);
}

/** Names of the VMs and the planned VMs of a lab. */
export async function systemNames(lab: BackupLab): Promise<readonly string[]> {
  const names: string[] = [];
  for (const className of ['Msvm_ComputerSystem', 'Msvm_PlannedComputerSystem']) {
    for await (const { properties } of lab.client.query(`SELECT * FROM ${className}`, never)) {
      const name = properties.get('ElementName');
      if (typeof name === 'string') names.push(name);
    }
  }
  return names;
}

/** Asserts that nothing of an import is left on host, disk and in the ledger. */
export async function assertNothingLeft(
  lab: BackupLab,
  store: Store,
  vm: BackedUpVm,
  options: ImportOptions,
): Promise<void> {
  const names = await systemNames(lab);
  assert.equal(names.includes(options.as ?? ''), false, names.join(', '));
  const { path } = toLocalPath(options.hostFolder, lab.pathMap, false);
  assert.equal(existsSync(path), false, path);
  assert.equal((await storeLedger(store, vm.id).load(never)).imports, undefined);
}
