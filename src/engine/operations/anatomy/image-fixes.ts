import type { ImageFinding, ImageFix } from '../../api/disk-contents.ts';
import { isEngineError } from '../../base/errors.ts';
import { planRepair } from '../../disk/repair/plan-repair.ts';

/** Findings that another parent may help against. */
const REBASE: readonly string[] = [
  'disk.parent.missing',
  'disk.parent.mismatch',
  'disk.chain.absolute',
  'disk.chain.cycle',
  'disk.chain.sectors',
];

interface Damage {
  readonly path: string;
  readonly findings: readonly Pick<ImageFinding, 'code' | 'severity'>[];
  /** Size of the disk; undefined if damage hides it. */
  readonly size: number | undefined;
  readonly lostBytes: number;
}

/**
 * Returns the fixes that help against the findings of an image. A repair is offered only if a trial
 * in memory repaired something, a rescue only if the disk is damaged and its size is known.
 */
export async function fixesOf(
  { path, findings, size, lostBytes }: Damage,
  signal: AbortSignal,
): Promise<readonly ImageFix[]> {
  const fixes: ImageFix[] = [];
  if (findings.some(({ code }) => REBASE.includes(code))) fixes.push('rebase');
  const notable = findings.some(({ severity }) => severity !== 'info');
  if (notable && (await canRepair(path, signal))) fixes.push('repair');
  const damaged = lostBytes > 0 || findings.some(({ severity }) => severity === 'error');
  if (damaged && size !== undefined) fixes.push('rescue');
  return fixes;
}

async function canRepair(path: string, signal: AbortSignal): Promise<boolean> {
  try {
    const { file, steps } = await planRepair(path, path, {}, signal);
    await file.close();
    return steps.length > 0;
  } catch (error) {
    signal.throwIfAborted();
    if (isEngineError(error)) return false;
    throw error;
  }
}
