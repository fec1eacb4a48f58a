import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { listPoints } from '../../../src/engine/backup/points/catalog.ts';
import type { Store } from '../../../src/engine/backup/store/contract/store.ts';
import { never } from '../../../src/engine/base/abort.ts';
import type { Guid } from '../../../src/engine/base/guid.ts';
import { backup, pattern, restoredHashes, verifyErrors, type BackupLab } from './backup-lab.ts';
import { startRefpoint } from '../process/command.ts';

const MIB = 2 ** 20;

export type Method = 'file' | 'export' | 'smb';

/** The bundled command, which ends at `edge` as if the machine had lost power. */
export async function killedBackup(
  lab: BackupLab,
  store: Store,
  vm: string,
  edge: string,
  method: Method,
): Promise<void> {
  const child = startRefpoint(commandLine(lab, store, vm, method), {
    env: { ...lab.command.env, REFPOINT_KILL_AT: edge },
  });
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [status] = (await once(child, 'close')) as [number | null];
  assert.notEqual(status, 0, `the command should not have lived beyond ${edge}`);
  assert.equal(errors, '', `killed at ${edge}`);
}

export function commandLine(lab: BackupLab, store: Store, vm: string, method: Method): string[] {
  const exported = method === 'export' ? ['--export-dir', lab.exportDirectory] : [];
  return ['backup', vm, '--store', store.location, '--method', method, '--consistency', 'crash']
    .concat(exported)
    .concat(lab.command.options);
}

/** A VM of the lab, and its store. */
export interface Scene {
  readonly lab: BackupLab;
  readonly store: Store;
  readonly vm: string;
  readonly vmId: Guid;
  readonly foreign: string;
}

/** A VM with some data and a foreign reference point. */
export async function newScene(lab: BackupLab, store: Store, vm: string): Promise<Scene> {
  const made = await lab.ask('add-vm', { name: vm, disks: [{ size: 4 * MIB }] });
  await lab.write(vm, 0, MIB - 512, pattern(9216, vm.length));
  const consistency = 'crash';
  const { id: foreign } = await lab.ask('reference-point-create', { vm, consistency });
  return { lab, store, vm, vmId: made.id as Guid, foreign };
}

/** What must hold after `clean`, or after the next run, whatever happened before. */
export async function assertTidy(scene: Scene, when: string): Promise<void> {
  const { lab, store, vm, vmId, foreign } = scene;
  const found = await lab.host.findVm(vm, never);
  assert.deepEqual(found.checkpoints, [], `${when}: no checkpoint is left`);
  const ids = found.referencePoints.map((each) => each.id);
  assert.ok(ids.includes(foreign), `${when}: the foreign reference point is untouched`);
  assert.ok(ids.length <= 2, `${when}: at most one reference point of ours: ${ids.join(' ')}`);
  const points = await listPoints(store, vmId, never);
  assert.deepEqual(
    points.filter((point) => point.state !== 'complete'),
    [],
    `${when}: no partial point`,
  );
  assert.deepEqual(await exportsOf(lab, vmId), [], `${when}: no export is left on the host`);
  assert.deepEqual(await store.leftovers(vmId, never), [], `${when}: no temporary file`);
  const ledger = JSON.parse(
    (await readFile(join(store.location, vmId, 'ledger.json'), 'utf8').catch(() => '')) ||
      '{"intents":[],"checkpoints":[]}',
  ) as { intents: unknown[]; checkpoints: unknown[] };
  assert.deepEqual(ledger.intents, [], `${when}: no open intent`);
  assert.deepEqual(ledger.checkpoints, [], `${when}: no checkpoint in the ledger`);
}

/** Folders of exports of a VM on the host. */
export async function exportsOf(lab: BackupLab, vmId: Guid): Promise<string[]> {
  const [root] = lab.pathMap;
  const names = await readdir(join(root?.local ?? '', 'Exports')).catch(() => []);
  return names.filter((name) => name.toLowerCase().startsWith(vmId));
}

/** The next run makes a point that restores equal. */
export async function assertBacksUp(scene: Scene, method: Method, when: string): Promise<void> {
  const { lab, store, vm, vmId } = scene;
  const hash = await lab.guestHash(vm, 0);
  const { manifest } = await backup(lab, store, vm, { method });
  const restored = await restoredHashes(lab, store, vmId, manifest.id);
  assert.equal(restored[0], hash, `${when}: the next point restores equal`);
  assert.deepEqual(await verifyErrors(store, vmId), [], `${when}: every point verifies`);
}
