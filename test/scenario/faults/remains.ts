import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sameId, type Ledger } from '../../../src/engine/backup/ledger/ledger.ts';
import { listPoints } from '../../../src/engine/backup/points/catalog.ts';
import type { Store } from '../../../src/engine/backup/store/contract/store.ts';
import { never } from '../../../src/engine/base/abort.ts';
import type { VmSummary } from '../../../src/engine/lab/control/operations.ts';
import type { BackupLab } from '../../support/backup/backup-lab.ts';
import { exportsOf } from '../../support/backup/killed-backup.ts';
import type { FaultScene } from './fault-scene.ts';

/** Time limit for merges of the host, in milliseconds. */
const MERGE_MS = 10_000;

/** What a run left behind. */
export interface Remains {
  /** Foreign objects that are gone: never allowed. */
  readonly lost: readonly string[];
  /** Objects of ours that `clean` or the next run must remove. */
  readonly left: readonly string[];
}

/** Looks at the lab's own state, and at the files of the store. */
export async function remains(lab: BackupLab, store: Store, scene: FaultScene): Promise<Remains> {
  const { vmId, foreign } = scene;
  const vm = await (scene.of === 'group' ? settledGroup(lab) : settled(lab));
  const ledger = await readLedger(store, vmId);
  const lost: string[] = [];
  const left: string[] = [];
  if (!vm.checkpoints.some(({ id }) => id === foreign.checkpoint)) lost.push('foreign checkpoint');
  if (!vm.referencePoints.includes(foreign.referencePoint)) lost.push('foreign reference point');
  for (const { id } of vm.checkpoints) if (id !== foreign.checkpoint) left.push('checkpoint');
  const points = await listPoints(store, vmId, never);
  const newest = points.findLast((point) => point.state === 'complete')?.id;
  for (const id of vm.referencePoints) {
    if (id === foreign.referencePoint) continue;
    // The lab's own state has IDs of collections in lower case.
    const own = ledger.referencePoints.find((each) => sameId(each.id, id));
    if (own?.state !== 'current') left.push(`reference point, ${own?.state ?? 'in no ledger'}`);
    else if (own.pointId !== newest) left.push('reference point of another point');
  }
  for (const { state } of points) if (state !== 'complete') left.push(`${state} point`);
  if (vm.merging) left.push('unmerged disk');
  else if (vm.files.some((path, i) => path !== scene.active[i]) && left.length === 0)
    left.push('attached AVHDX');
  if ((await exportsOf(lab, vmId)).length > 0) left.push('export');
  if ((await store.leftovers(vmId, never)).length > 0) left.push('temporary file');
  if (ledger.intents.length > 0) left.push('intent');
  if (ledger.checkpoints.length > 0) left.push('checkpoint in the ledger');
  return { lost, left };
}

/** Objects of a VM or a group that a backup makes. */
interface Objects {
  readonly checkpoints: readonly { readonly id: string }[];
  readonly referencePoints: readonly string[];
  /** Active files of the disks. */
  readonly files: readonly string[];
  readonly merging: boolean;
}

async function settled(lab: BackupLab): Promise<Objects> {
  const [vm] = await merged(lab);
  if (vm === undefined) throw new Error('The lab has no VM');
  return { ...vm, files: vm.disks.map(({ path }) => path) };
}

/** Collections of the group, and checkpoints of its members. */
async function settledGroup(lab: BackupLab): Promise<Objects> {
  const vms = await merged(lab);
  const [group] = await lab.ask('group-list', {});
  if (group === undefined) throw new Error('The lab has no group');
  const { snapshots, referencePoints } = group;
  return {
    checkpoints: [...snapshots.map((id) => ({ id })), ...vms.flatMap((vm) => vm.checkpoints)],
    referencePoints,
    files: vms.flatMap(({ disks }) => disks.map(({ path }) => path)),
    merging: vms.some(({ merging }) => merging),
  };
}

/** Waits for the merges of the host. */
async function merged(lab: BackupLab): Promise<readonly VmSummary[]> {
  const end = performance.now() + MERGE_MS;
  for (;;) {
    const vms = await lab.ask('list', {});
    if (vms.every(({ merging }) => !merging) || performance.now() > end) return vms;
    await sleep(20);
  }
}

async function readLedger(
  store: Store,
  vmId: string,
): Promise<Pick<Ledger, 'intents' | 'checkpoints' | 'referencePoints'>> {
  const text = await readFile(join(store.location, vmId, 'ledger.json'), 'utf8').catch(() => '');
  if (text === '') return { intents: [], checkpoints: [], referencePoints: [] };
  return JSON.parse(text) as Ledger;
}
