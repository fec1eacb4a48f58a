import type { CheckFinding } from '../../api/disk-check.ts';
import { describeDefect, type Defect, type Severity } from '../inspect/defect.ts';
import { ADVICE } from './advice/advice.ts';

/**
 * Maximum number of listed findings per code and file: a damaged table can have millions of wrong
 * entries.
 */
const MAX_OF_CODE = 24;

const ORDER: readonly Severity[] = ['error', 'warning', 'info'];

/** Collects findings; lists a few of each code and counts the others. */
export class CheckFindings {
  readonly #list: CheckFinding[] = [];
  readonly #counts = new Map<string, { count: number; readonly first: CheckFinding }>();

  addDefect(path: string, defect: Defect): void {
    const { code, severity = 'error', offset, range, structure, field } = defect;
    const { found, expected, section } = defect;
    this.add({
      code,
      severity,
      message: describeDefect(defect),
      path,
      offset,
      ...(range === undefined ? {} : { range }),
      structure,
      ...(field === undefined ? {} : { field }),
      found,
      expected,
      section,
    });
  }

  add(finding: Omit<CheckFinding, 'fix'>): void {
    const fix = ADVICE[finding.code]?.fix;
    const whole: CheckFinding = fix === undefined ? finding : { ...finding, fix };
    const key = `${finding.code}\0${finding.path}`;
    const known = this.#counts.get(key);
    if (known === undefined) this.#counts.set(key, { count: 1, first: whole });
    else known.count++;
    if ((known?.count ?? 1) <= MAX_OF_CODE) this.#list.push(whole);
  }

  /** The findings, errors first, each severity in the order found. */
  get list(): readonly CheckFinding[] {
    const more = [...this.#counts.values()].flatMap(({ count, first }): CheckFinding[] => {
      if (count <= MAX_OF_CODE) return [];
      const { code, severity, path } = first;
      const message = `${count - MAX_OF_CODE} more findings of this kind`;
      return [{ code, severity, message, path }];
    });
    const all = [...this.#list, ...more];
    return ORDER.flatMap((severity) => all.filter((each) => each.severity === severity));
  }
}
