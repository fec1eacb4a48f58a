import path from 'node:path';
import type { Progress } from '../../base/progress.ts';
import type { FileEnvironment } from '../../source/platform/file-environment.ts';
import type { Repaired } from '../../api/disk-check.ts';
import { checkDisk } from '../check/check-disk.ts';
import type { OpenDiskOptions } from '../chain/open-disk.ts';
import { SourceState } from '../convert/source-state.ts';
import { refuseOwnSource } from '../create/new-file.ts';
import { refuseInStore } from '../rewrite/guards.ts';
import { applyInPlace } from './apply-in-place.ts';
import { notable, planRepair, type RepairPlan } from './plan-repair.ts';
import { writeCopy } from './write-copy.ts';

export interface RepairOptions {
  readonly open: OpenDiskOptions;
  /** Undefined: a copy beside the image, see {@link repairedName}. */
  readonly to: string | undefined;
  /** Repairs the image itself instead. */
  readonly inPlace: boolean;
  /** Replaces an existing copy. */
  readonly replace: boolean;
  /** False: tells what would be done. */
  readonly confirmed: boolean;
  /** Name of the file that marks a folder as a store. */
  readonly storeMarker: string;
  readonly environment?: FileEnvironment;
}

/**
 * Repairs what the rest of an image proves, in a whole copy or in place. Nothing is written before
 * it is confirmed; afterwards the result is checked again. Throws `disk.edit.store`,
 * `disk.repair.*`, `disk.source.changed`, `disk.target.source`, `source.*`.
 */
export async function repairDisk(
  file: string,
  options: RepairOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<Repaired> {
  const { open, confirmed, to, inPlace, storeMarker } = options;
  const target = inPlace ? file : (to ?? repairedName(file));
  if (inPlace) await refuseInStore([file], storeMarker);
  else await refuseOwnSource(target, [file]);
  const state = await SourceState.of({ chain: [file], layers: [] });
  const plan = await planRepair(file, target, open, signal);
  try {
    const { steps, left } = plan;
    const about = { path: file, target, undo: null };
    if (!confirmed) return { ...about, done: [], would: steps, left };
    if (inPlace && steps.length === 0) return { ...about, done: [], would: [], left };
    const undo = await carryOut(plan, target, inPlace, state, options, progress, signal);
    const { format } = plan;
    const { findings } = await checkDisk(target, { ...open, format: format.name }, signal);
    return { ...about, done: steps, would: [], left: notable(findings), undo };
  } finally {
    await plan.file.close();
  }
}

/** Returns the path of the undo record of a repair in place. */
async function carryOut(
  plan: RepairPlan,
  target: string,
  inPlace: boolean,
  state: SourceState,
  { replace, environment }: RepairOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<string | null> {
  const within = environment === undefined ? {} : { environment };
  if (inPlace) {
    await state.check(signal);
    return applyInPlace(target, plan.draft, within, signal);
  }
  await writeCopy(plan.draft, target, { replace, ...within }, progress, signal);
  await state.check(signal);
  return null;
}

/** Returns the path of a repaired copy: `disk.repaired.vhdx` for `disk.vhdx`. */
function repairedName(file: string): string {
  const { dir, name, ext } = path.parse(file);
  return path.join(dir, `${name}.repaired${ext}`);
}
