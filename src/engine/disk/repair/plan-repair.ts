import { isEngineError } from '../../base/errors.ts';
import type { ByteSource } from '../../source/byte-source.ts';
import type { CheckFinding, RepairStep } from '../../api/disk-check.ts';
import { CheckFindings } from '../check/check-findings.ts';
import { checkSource } from '../check/check-disk.ts';
import { openAs } from '../chain/open-as.ts';
import type { OpenDiskOptions } from '../chain/open-disk.ts';
import { openParents } from '../chain/parent-layer.ts';
import { newParent } from '../create/new-parent.ts';
import type { DiskFormat } from '../image/disk-format.ts';
import { Draft } from './draft.ts';

/** A repair that was done in memory. */
export interface RepairPlan {
  readonly file: ByteSource;
  readonly format: DiskFormat;
  /** The repaired image. */
  readonly draft: Draft;
  readonly steps: readonly RepairStep[];
  /** Errors and warnings that stay. */
  readonly left: readonly CheckFinding[];
}

/**
 * Repairs an image in memory and checks the result. The caller closes `file`.
 * @param target path of the repaired image, from whose folder parents are named
 */
export async function planRepair(
  path: string,
  target: string,
  open: OpenDiskOptions,
  signal: AbortSignal,
): Promise<RepairPlan> {
  const { source: file, format } = await openAs(path, open, signal);
  try {
    const draft = new Draft(file);
    const own = (await format.repairs?.repair(draft, signal)) ?? [];
    const link = await repairLink(draft, format, { path, target, open }, signal);
    const left = await findingsOf(draft, format, path, signal);
    return { file, format, draft, steps: [...own, ...link], left };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function findingsOf(
  source: ByteSource,
  format: DiskFormat,
  path: string,
  signal: AbortSignal,
): Promise<readonly CheckFinding[]> {
  const findings = new CheckFindings();
  await checkSource(source, format, path, findings, signal);
  return notable(findings.list);
}

/** Returns the errors and warnings. */
export const notable = (findings: readonly CheckFinding[]): readonly CheckFinding[] =>
  findings.filter(({ severity }) => severity !== 'info');

interface LinkPaths {
  readonly path: string;
  readonly target: string;
  readonly open: OpenDiskOptions;
}

/** Adds a relative path to a child that names its parent by other paths only, if it is found. */
async function repairLink(
  draft: Draft,
  format: DiskFormat,
  { path, target, open }: LinkPaths,
  signal: AbortSignal,
): Promise<readonly RepairStep[]> {
  const { repairs } = format;
  const name = repairs?.nameParent?.bind(repairs);
  if (name === undefined) return [];
  const { image, spoiled } = await format.survey(draft, {}, signal);
  const link = image?.parent;
  if (image === undefined || spoiled !== undefined || link === undefined) return [];
  if (link.relativePath !== undefined) return [];
  const { layers, chain } = await openParents(path, image, open, signal);
  const [, parent] = layers;
  const [, parentPath] = chain;
  for (const layer of layers.slice(1)) await layer.close();
  if (parent === undefined || parentPath === undefined) return [];
  const { relativePath } = newParent(parent, parentPath, target);
  if (relativePath === undefined) return [];
  const named = await draft.attempt(() => name(draft, relativePath, signal));
  return isEngineError(named) ? [] : [named];
}
