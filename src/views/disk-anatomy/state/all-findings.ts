import type { AnatomyFinding, AnatomyInfo } from '../../../engine/api/anatomy.ts';
import type { ImageSurveyInfo } from '../../../engine/api/disk-contents.ts';

export interface ShownFinding extends AnatomyFinding {
  /** Action that one can take. */
  readonly fix: string | null;
}

/**
 * Returns the findings of the structures and those of the check, each once. A finding about a parent
 * has no offset in this file.
 */
export function allFindings(
  { path, findings }: AnatomyInfo,
  survey: ImageSurveyInfo | undefined,
): readonly ShownFinding[] {
  const key = (code: string, offset: number | null): string => `${code} ${offset}`;
  const checked = new Map<string, ShownFinding>();
  for (const { code, severity, message, path: of, offset, fix } of survey?.findings ?? []) {
    const place = of === path ? offset : null;
    const known = checked.get(key(code, place));
    if (known?.message === message) continue;
    checked.set(known === undefined ? key(code, place) : `${key(code, place)} ${message}`, {
      code,
      severity,
      message,
      offset: place,
      fix,
    });
  }
  const codes = new Set(survey?.findings.map(({ code }) => code));
  const own = findings
    // A finding of both is listed once, as the check words it.
    .filter(({ code, offset }) => !checked.has(key(code, offset)) && !PARENTS.includes(code))
    .map((finding) => ({ ...finding, fix: null }));
  const parents = findings
    .filter(({ code }) => PARENTS.includes(code) && !codes.has(code))
    .map((finding) => ({ ...finding, fix: null }));
  const all = [...checked.values(), ...own, ...parents];
  return (['error', 'warning', 'info'] as const).flatMap((severity) =>
    all.filter((each) => each.severity === severity),
  );
}

/** Codes that the anatomy and the check find at different places. */
const PARENTS: readonly string[] = ['disk.parent.missing', 'disk.parent.mismatch'];
