import { cpSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackupOptions } from '../../../src/engine/api/backup.ts';
import type { PointManifest } from '../../../src/engine/backup/manifest/manifest.ts';
import type { Store } from '../../../src/engine/backup/store/contract/store.ts';
import { isEngineError } from '../../../src/engine/base/errors.ts';
import {
  openBackupLab,
  openTestStore,
  restoredHashes,
  verifyErrors,
  type BackupLab,
  type OpenedLab,
} from '../../support/backup/backup-lab.ts';
import {
  backUp,
  cleanUp,
  guestHashes,
  layOut,
  readBy,
  VM,
  type FaultScene,
} from './fault-scene.ts';
import { MEMBERS } from './group-scene.ts';
import { remains } from './remains.ts';
import type { Variant } from './variants.ts';

/** Limit of one backup in milliseconds; a run that takes longer counts as a hang. */
const LIMIT_MS = 60_000;
/** A request that takes longer has failed. */
const TIMEOUT_SECONDS = 4;
const MERGE_WAIT_SECONDS = 1;

export type Outcome = 'completed' | 'undone' | 'cleaned' | 'failed';

export interface PairResult {
  readonly outcome: Outcome;
  /** Code of the run's error; null if it completed. */
  readonly code: string | null;
  /** Kind of the completed point; null if there is not one. */
  readonly made: 'full' | 'incr' | null;
  /** What was left until `clean`, or what is wrong. */
  readonly notes: readonly string[];
  /** Number of the exchange at which the fault occurred, from 1; null: it did not. */
  readonly struck: number | null;
}

/** Runs one backup with the fault beginning at an exchange, and checks everything that it left. */
export async function runPair(
  work: string,
  scene: FaultScene,
  variant: Variant,
  at: number,
): Promise<PairResult> {
  await layOut(scene, work);
  const crashed = `${work}-crashed`;
  let stopping: Promise<void> | undefined;
  const crash = (): never => {
    cpSync(join(work, 'lab'), crashed, { recursive: true });
    stopping = lab.stop();
    throw new Error('The host has crashed');
  };
  const { of } = scene;
  const smb = of === 'smb' || of === 'group';
  const start = { timeoutSeconds: TIMEOUT_SECONDS, crash, smb };
  let lab: OpenedLab = await openBackupLab(work, start);
  try {
    const store = await openTestStore(lab);
    const before = (await lab.ask('fault-list', {})).exchanges;
    for (const { name, value, times } of variant.faults) {
      await lab.fault(name, value, times ?? undefined, at);
    }
    const options: Partial<BackupOptions> = {
      ...readBy(of),
      checkTracker: variant.checkTracker,
      consistency: 'default',
      mergeWaitSeconds: MERGE_WAIT_SECONDS,
    };
    const run = await attempt(() => backUp(lab, store, of, options, AbortSignal.timeout(LIMIT_MS)));
    let struck: number | null = null;
    if (stopping === undefined) {
      const { occurred } = await lab.ask('fault-list', {});
      const first = occurred[variant.faults.at(-1)?.name ?? ''];
      struck = first === undefined ? null : first - before;
      await lab.clearFaults();
    } else {
      struck = at;
      await stopping;
      await lab.close();
      await rm(join(work, 'lab'), { recursive: true });
      await cp(crashed, join(work, 'lab'), { recursive: true });
      await rm(crashed, { recursive: true });
      lab = await openBackupLab(work, { smb });
    }
    if (variant.faults.some(({ name }) => name === 'vm.moved')) {
      for (const vm of of === 'group' ? MEMBERS : [VM]) {
        await lab.ask('move-vm', { vm, to: null });
      }
    }
    const host = lab.patient();
    try {
      return { struck, ...(await judge({ ...lab, host }, store, scene, run)) };
    } finally {
      await host.close();
    }
  } catch (error) {
    const notes = [error instanceof Error ? (error.stack ?? error.message) : String(error)];
    return { outcome: 'failed', code: null, made: null, notes, struck: null };
  } finally {
    await lab.close();
    await rm(work, { recursive: true, force: true });
  }
}

interface Run {
  readonly manifest: PointManifest | null;
  readonly code: string | null;
  /** Stack of the error. */
  readonly text: string;
}

async function attempt(work: () => ReturnType<typeof backUp>): Promise<Run> {
  try {
    const { manifest } = await work();
    return { manifest, code: null, text: '' };
  } catch (error) {
    const code = isEngineError(error) ? error.code : 'internal';
    return {
      manifest: null,
      code,
      text: error instanceof Error ? (error.stack ?? '') : String(error),
    };
  }
}

/** Checks the point, the host and the store, and that the next backup succeeds. */
async function judge(
  lab: BackupLab,
  store: Store,
  scene: FaultScene,
  run: Run,
): Promise<Omit<PairResult, 'struck'>> {
  const { vmId } = scene;
  const { manifest, code } = run;
  const wrong: string[] = [];
  if (code === 'internal') wrong.push(`not an error with a code: ${run.text}`);
  if (code === 'cancelled') wrong.push(`hangs for ${LIMIT_MS} ms`);
  const expected = await guestHashes(lab, scene);
  if (manifest !== null) await checkPoint(lab, store, vmId, manifest, expected, wrong);
  const first = await remains(lab, store, scene);
  wrong.push(...first.lost.map((what) => `gone: ${what}`));
  if (first.left.length > 0) {
    await cleanUp(lab, store, scene);
    const then = await remains(lab, store, scene);
    const still = then.left.filter((what) => what !== 'attached AVHDX');
    wrong.push(...still.map((what) => `left after clean: ${what}`));
    wrong.push(...then.lost.map((what) => `gone after clean: ${what}`));
  }
  const { of } = scene;
  const next = await backUp(lab, store, of, readBy(of), AbortSignal.timeout(LIMIT_MS));
  await checkPoint(lab, store, vmId, next.manifest, expected, wrong);
  const last = await remains(lab, store, scene);
  const remaining = last.left.filter((what) => what !== 'attached AVHDX');
  wrong.push(...remaining.map((what) => `left after the next backup: ${what}`));
  const made = manifest?.kind ?? null;
  if (wrong.length > 0) return { outcome: 'failed', code, made, notes: wrong };
  if (first.left.length > 0) return { outcome: 'cleaned', code, made, notes: first.left };
  return { outcome: code === null ? 'completed' : 'undone', code, made, notes: [] };
}

/** A point must verify and restore to what the lab's disks hold. */
async function checkPoint(
  lab: BackupLab,
  store: Store,
  vmId: FaultScene['vmId'],
  { id: point, disks }: PointManifest,
  expected: Readonly<Record<string, string>>,
  wrong: string[],
): Promise<void> {
  for (const code of await verifyErrors(store, vmId)) wrong.push(`verify: ${code}`);
  const restored = await restoredHashes(lab, store, vmId, point);
  if (disks.length !== Object.keys(expected).length)
    wrong.push(`${point} has ${disks.length} disks`);
  for (const { number, slot } of disks) {
    const hash = expected[slot.startsWith('shared/') ? 'shared' : slot];
    if (restored[number] !== hash) wrong.push(`disk ${number} of ${point} restores unequal`);
  }
}
