import type { ImageFacts, ParentFacts } from '../image/image-survey.ts';
import { mapDisk, type LostEntry } from './disk-map.ts';
import { DiskFindings, type DiskFinding } from './disk-findings.ts';
import type { SurveyedDisk } from '../survey/survey-disk.ts';

export interface ParentInfo extends ParentFacts {
  readonly resolvedPath: string | null;
}

/** The document of `disk info`. Values that could not be read from a damaged image are null. */
export interface DiskInfo extends Omit<ImageFacts, 'parent'> {
  readonly path: string;
  /** Name of the format. */
  readonly format: string;
  readonly fileSize: number;
  readonly parent: ParentInfo | null;
  /** Paths, the child first. */
  readonly chain: readonly string[];
  readonly findings: readonly DiskFinding[];
  /**
   * Unreadable parts of the disk, at most {@link MAX_LOST}; searched only if a defect was found.
   */
  readonly lost: readonly LostEntry[];
  /** Total bytes of all unreadable parts. */
  readonly lostBytes: number;
}

/** Maximum number of listed lost parts: a damaged table can have millions. */
const MAX_LOST = 1000;

/**
 * Describes an image, intact or damaged. Streams the block table of the image itself, so that every
 * entry is checked.
 */
export async function diskInfo(surveyed: SurveyedDisk, signal: AbortSignal): Promise<DiskInfo> {
  const { top, format, chain } = surveyed;
  const path = chain[0] ?? '';
  const findings = new DiskFindings(path);
  for (const problem of top.problems) findings.add(problem);
  for (const note of top.notes ?? []) findings.addNote(note);
  if (surveyed.ends !== undefined) findings.add(surveyed.ends);
  if (top.logIgnored) findings.addLogIgnored();
  const { facts, wrong } = await top.describe(signal);
  const lost = findings.damaged || wrong ? await lostParts(surveyed, findings, signal) : NO_LOSS;
  const { subformat, virtualSize, parent, ...rest } = facts;
  return {
    path,
    format,
    subformat,
    virtualSize,
    fileSize: top.fileSize,
    ...rest,
    parent: parent === null ? null : { ...parent, resolvedPath: chain[1] ?? null },
    chain,
    findings: findings.list,
    ...lost,
  };
}

const NO_LOSS = { lost: [], lostBytes: 0 } as const;

async function lostParts(
  surveyed: SurveyedDisk,
  findings: DiskFindings,
  signal: AbortSignal,
): Promise<Pick<DiskInfo, 'lost' | 'lostBytes'>> {
  const lost: LostEntry[] = [];
  let lostBytes = 0;
  for await (const entry of mapDisk(surveyed, signal, (error, part) => findings.add(error, part))) {
    if (!('lost' in entry)) continue;
    lostBytes += entry.length;
    if (lost.length < MAX_LOST) lost.push(entry);
  }
  return { lost, lostBytes };
}
