import type { EngineError } from '../base/errors.ts';
import { vssError } from './vss-errors.ts';
import { vssHresult } from './vss-hresults.ts';
import { hasFailed, type WriterStatus } from './model.ts';

/** Step of a backup in which a failure occurred; the words of the error use it as it stands. */
export type VssStep =
  | 'open'
  | 'identify'
  | 'begin'
  | 'addVolume'
  | 'prepare'
  | 'create'
  | 'expose'
  | 'report'
  | 'complete'
  | 'delete'
  | 'preRestore'
  | 'postRestore';

type FailureCode =
  | 'vss.busy'
  | 'vss.writer'
  | 'vss.component'
  | 'vss.storage'
  | 'vss.volume'
  | 'vss.denied'
  | 'vss.failed';

/** Codes of HRESULTs that are not retryable; every other one is `vss.failed`. */
const CODES: ReadonlyMap<number, FailureCode> = new Map([
  [0x80042308, 'vss.volume'],
  [0x8004230c, 'vss.volume'],
  [0x80042306, 'vss.storage'],
  [0x80042317, 'vss.storage'],
  [0x8004231f, 'vss.storage'],
  [0x800423f0, 'vss.writer'],
  [0x800423f1, 'vss.writer'],
  [0x800423f4, 'vss.writer'],
  [0x80070005, 'vss.denied'],
]);

/** Formats an HRESULT as Windows does. */
const hexOf = (hresult: number): string =>
  `0x${hresult.toString(16).toUpperCase().padStart(8, '0')}`;

/**
 * Creates the error of a failed step. Its code says whether to repeat it later (`vss.busy`).
 * @param hresult null if the requestor was not given one
 * @param where volume, writer or component that failed
 */
export function vssFailure(
  step: VssStep,
  hresult: number | null,
  where: string | null = null,
): EngineError {
  const known = hresult === null ? undefined : vssHresult(hresult);
  const code: FailureCode =
    known?.retryable === true ? 'vss.busy' : (CODES.get(hresult ?? 0) ?? 'vss.failed');
  const found = hresult === null ? 'without a code' : (known?.name ?? hexOf(hresult));
  const at = where === null ? '' : ` (${where})`;
  const why = known === undefined ? '' : `: ${known.meaning}`;
  return vssError(code, `The step ${step} of VSS failed${at}, ${found}${why}`, {
    data: {
      step,
      hresult: hresult === null ? null : hexOf(hresult),
      name: known?.name ?? null,
      where,
    },
  });
}

/** Throws the failure of a writer that has failed or is not in a state to go on. */
export function requireWriters(step: VssStep, writers: readonly WriterStatus[]): void {
  const failed = writers.find(hasFailed);
  if (failed === undefined) return;
  if (failed.failure !== 0) throw vssFailure(step, failed.failure, failed.name);
  throw vssError(
    'vss.writer',
    `The writer ${failed.name} is in state ${failed.state} after ${step}`,
    {
      data: { step, writer: failed.name, found: failed.state, expected: '1 or 5' },
    },
  );
}
