import type { BackupMethod, BackupOptions } from '../../api/backup.ts';
import { backupError } from '../errors/backup-errors.ts';
import { VSS_METHOD } from '../ledger/points-of-host.ts';
import type { Reason } from '../manifest/manifest.ts';
import type { MethodCheck } from '../read/contract/method.ts';
import { METHOD_IDS } from '../read/methods.ts';
import { reason } from '../select/reason.ts';

/** The read method of a run, and why it was chosen. */
export interface ChosenMethod {
  readonly method: BackupMethod;
  readonly methodReason: Reason;
}

/**
 * Returns the requested method, or else the first possible one. If every method has a problem,
 * returns `file`; the caller reports its problem. Throws `plan.method` for a method
 * that does not exist or lacks a setting.
 */
export function chooseMethod(
  { method }: Pick<BackupOptions, 'method'>,
  checks: readonly MethodCheck[],
): ChosenMethod {
  if (method === 'auto') return firstPossible(checks);
  if (method === VSS_METHOD) {
    const text = 'The method vss was requested.';
    return { method, methodReason: reason('method.asked', text, evidenceOf(method, checks)) };
  }
  const asked = METHOD_IDS.find((id) => id === method);
  if (asked === undefined) {
    const expected = [...METHOD_IDS].sort();
    throw backupError(
      'plan.method',
      `The method ${method} is not available; expected ${expected.join(' or ')}`,
      { data: { found: method, expected } },
    );
  }
  const problem = checks.find((check) => check.method === asked)?.problem;
  if (problem?.code === 'plan.method') throw problem;
  const text = `The method ${asked} was requested.`;
  return { method: asked, methodReason: reason('method.asked', text, evidenceOf(asked, checks)) };
}

function firstPossible(checks: readonly MethodCheck[]): ChosenMethod {
  const found = checks.find(({ problem }) => problem === null);
  const method = found?.method ?? 'file';
  const text =
    found === undefined
      ? `No method can read the disks; ${method} is tried first. The method vss, which reads in shadow copies and disturbs other VMs on the same volumes, is never chosen unasked.`
      : `${method} is the first method that can read every disk.`;
  const code = found === undefined ? 'method.none' : 'method.first';
  return { method, methodReason: reason(code, text, evidenceOf(method, checks)) };
}

/** Maximum length of the kept text of a method's problem. */
const MAX_WORDS = 300;

/**
 * Collects the findings about each other method, and for each disk its place on a file server, by
 * its slot.
 */
function evidenceOf(chosen: BackupMethod, checks: readonly MethodCheck[]): Reason['evidence'] {
  const places = checks.find(({ method }) => method === chosen)?.places ?? [];
  return Object.fromEntries([
    ...places.map(({ slot, place }) => [slot, place]),
    ...checks
      .filter(({ method }) => method !== chosen)
      .map(({ method, problem }) => [
        method,
        problem === null ? 'possible' : `${problem.code}: ${problem.message}`.slice(0, MAX_WORDS),
      ]),
  ]);
}
